/**
 * Makes the quotas of one process those of the fleet: what was given out is settled through Redis, for all callers at once, and
 * four times a second at most. Nothing is asked while nobody comes. While Redis is away each process keeps to its share.
 */
import type { QuotaLedger } from '../../../shared/redis/quota-ledger.js';
import { rateProcesses } from '../../metrics.js';
import type { RateLimit } from './rate-limit.js';

const SETTLE_EVERY_MS = 250;
/** Callers settled at once, so that Redis is held for some milliseconds at most. The others follow in the next round. */
const CALLERS_AT_ONCE = 2000;

export class FleetQuotas {
  readonly #limits: readonly RateLimit[];
  readonly #ledger: Pick<QuotaLedger, 'settle'>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** Processes that shared the quotas when Redis was heard of last. */
  #processes = 1;

  constructor(limits: readonly RateLimit[], ledger: Pick<QuotaLedger, 'settle'>) {
    this.#limits = limits;
    this.#ledger = ledger;
  }

  /** Something was given out: it will be settled soon. */
  note(): void {
    if (this.#timer !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => void this.#settle(), SETTLE_EVERY_MS).unref();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #settle(): Promise<void> {
    const rests = await Promise.all(this.#limits.map((limit) => this.#settleOne(limit)));
    this.#timer = undefined;
    if (rests.includes(true)) this.note();
  }

  /** True when there are callers left for another round. */
  async #settleOne(limit: RateLimit): Promise<boolean> {
    const { name, requests, windowS } = limit.quota;
    // Whether or not it is heard of: what was given out under a share is paid for.
    const spent = limit.unsettled(CALLERS_AT_ONCE);
    if (spent.size === 0) return false;
    const settled = await this.#ledger.settle({ quota: name, requests, windowMs: windowS * 1000, spent });
    rateProcesses.set(settled?.processes ?? 0);
    if (settled === undefined) {
      limit.shareOut(this.#processes);
    } else {
      this.#processes = settled.processes;
      limit.shareOut(1);
      const nowMs = performance.now();
      for (const [caller, level] of settled.levels) limit.settle(caller, level, nowMs);
    }
    return spent.size === CALLERS_AT_ONCE;
  }
}
