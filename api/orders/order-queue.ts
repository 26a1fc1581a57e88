/** The way of a request for an order into the store: with others in a batch, and one at a time of each idempotency key. */
import { IntakeQueue, type IntakeQueueOptions } from '../intake/intake-queue.js';
import { keyOf } from './idempotency-claims.js';
import { OrderPlacement, type Placement, type Placing } from './placement.js';
import { inFlight, type Placed } from './repetition.js';

type Watch = Pick<IntakeQueueOptions<Placement, Placed>, 'onWaiting' | 'onRefused'>;

export class OrderQueue {
  readonly #queue: IntakeQueue<Placement, Placed>;
  readonly #inFlight = new Set<string>();

  constructor(placing: Placing, watch: Watch = {}) {
    const placement = new OrderPlacement(placing);
    this.#queue = new IntakeQueue({
      ...watch,
      commit: (batch) => placement.place(batch),
      sizeOf: ({ lines }) => lines.length,
    });
  }

  /**
   * Resolves when it is known what became of the request.
   * @throws {Problem} `request.idempotency-key-in-flight`: at once, while another with its key waits or is being committed
   * here; one in another process is noticed by the commit. Else as `IntakeQueue.submit`.
   */
  async submit(placement: Placement): Promise<Placed> {
    const key = keyOf(placement);
    if (this.#inFlight.has(key)) throw inFlight();
    this.#inFlight.add(key);
    try {
      return await this.#queue.submit(placement);
    } finally {
      this.#inFlight.delete(key);
    }
  }

  /** Call it when no request is left. */
  close(): void {
    this.#queue.close();
  }
}
