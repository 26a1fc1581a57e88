/** The messages that an actor holds and has not settled; each is handled by one delivery at a time, and all together are bounded. */
import { messagesInFlight } from '../observability/metrics.js';
import type { Delivery } from '../rabbitmq/delivery.js';

const NONE: readonly Delivery[] = [];
/**
 * Bytes of the messages in hand, as they were delivered. Decoded, with the states they need and what comes of them, they take
 * many times as much of the heap. What has not been decoded waits outside of it.
 */
const BYTES_AT_MOST = 2 * 1024 * 1024;

interface Held {
  readonly bytes: number;
  /** Deliveries of the same message that came meanwhile. */
  readonly twins: readonly Delivery[];
}

export class InFlight {
  readonly #count;
  /** By message id. */
  readonly #held = new Map<string, Held>();
  #bytes = 0;
  #wake: () => void = () => undefined;

  constructor(actor: string) {
    this.#count = messagesInFlight.labels({ actor });
  }

  /** Resolves when there is room for more, to the bytes there is room for. */
  async room(): Promise<number> {
    while (this.#bytes >= BYTES_AT_MOST) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return BYTES_AT_MOST - this.#bytes;
  }

  /** True when the delivery is to be handled now; else it waits until the message that is being handled is settled. */
  admit(messageId: string, delivery: Delivery): boolean {
    const held = this.#held.get(messageId);
    if (held === undefined) {
      const bytes = delivery.content.length;
      this.#bytes += bytes;
      this.#held.set(messageId, { bytes, twins: NONE });
    } else {
      // Of a connection that is gone nothing need be kept.
      this.#held.set(messageId, { ...held, twins: [...held.twins.filter(({ live }) => live), delivery] });
    }
    this.#count.set(this.#held.size);
    return held === undefined;
  }

  /** The message is settled. Returns the deliveries whose turn it is. */
  settle(messageId: string): readonly Delivery[] {
    const { bytes, twins } = this.#held.get(messageId) ?? { bytes: 0, twins: NONE };
    this.#held.delete(messageId);
    this.#bytes -= bytes;
    this.#count.set(this.#held.size);
    this.#wake();
    return twins;
  }
}
