/** The requests being carried out now, by API and idempotency key. */
import type { Asked } from './entry.js';

export class InFlight {
  private readonly requests = new Map<string, Asked>();

  find({ api, idempotencyKey }: Pick<Asked, 'api' | 'idempotencyKey'>): Asked | undefined {
    return this.requests.get(`${api} ${idempotencyKey}`);
  }

  begin(asked: Asked): void {
    this.requests.set(`${asked.api} ${asked.idempotencyKey}`, asked);
  }

  end(asked: Asked): void {
    this.requests.delete(`${asked.api} ${asked.idempotencyKey}`);
  }

  /** How many requests of one API concern the order. */
  countOf(api: Asked['api'], orderId: string): number {
    let count = 0;
    for (const asked of this.requests.values()) if (asked.api === api && asked.orderId === orderId) count += 1;
    return count;
  }
}
