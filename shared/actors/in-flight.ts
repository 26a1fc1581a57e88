/** The messages that an actor holds and has not settled; each is handled by one delivery at a time. */
import { messagesInFlight } from '../observability/metrics.js';
import type { Delivery } from '../rabbitmq/delivery.js';

const NONE: readonly Delivery[] = [];

export class InFlight {
  readonly #count;
  /** By message id: deliveries of the same message that came meanwhile. */
  readonly #twins = new Map<string, readonly Delivery[]>();

  constructor(actor: string) {
    this.#count = messagesInFlight.labels({ actor });
  }

  /** True when the delivery is to be handled now; else it waits until the message that is being handled is settled. */
  admit(messageId: string, delivery: Delivery): boolean {
    const twins = this.#twins.get(messageId);
    // Of a connection that is gone nothing need be kept.
    this.#twins.set(messageId, twins === undefined ? NONE : [...twins.filter(({ live }) => live), delivery]);
    this.#count.set(this.#twins.size);
    return twins === undefined;
  }

  /** The message is settled. Returns the deliveries whose turn it is. */
  settle(messageId: string): readonly Delivery[] {
    const twins = this.#twins.get(messageId) ?? NONE;
    this.#twins.delete(messageId);
    this.#count.set(this.#twins.size);
    return twins;
  }
}
