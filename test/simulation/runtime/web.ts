/** The intake of one process: the project's own queue and placement, without HTTP. */
import { IntakeQueue } from '../../../api/intake/intake-queue.js';
import { OrderPlacement, type Placement } from '../../../api/orders/placement.js';
import type { Placed } from '../../../api/orders/repetition.js';
import type { ProcessParts } from '../../../shared/actors/process-parts.js';
import { newMessage } from '../../../shared/messaging/message.js';
import { storeMessages } from '../../../shared/postgres/outbox.js';
import { CancelOrder } from '../../../workers/orders/messages.js';

const PAYMENT_DEADLINE_MS = 60_000;

export class Web {
  readonly #parts: ProcessParts;
  readonly #queue: IntakeQueue<Placement, Placed>;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    const placement = new OrderPlacement({ ...parts, paymentDeadlineMs: PAYMENT_DEADLINE_MS });
    this.#queue = new IntakeQueue({ commit: (batch) => placement.place(batch) });
  }

  place(placement: Placement): Promise<Placed> {
    return this.#queue.submit(placement);
  }

  /** Passes on the customer's wish. */
  async cancel(orderId: string): Promise<void> {
    const { database, dispatcher, outboxLeaseMs } = this.#parts;
    const message = newMessage(
      CancelOrder,
      { orderId },
      { correlationId: orderId, causationId: null, producer: 'web', occurredAt: new Date() },
    );
    await database.transaction((transaction) => storeMessages(transaction, [message], outboxLeaseMs));
    dispatcher.dispatch([message]);
  }
}
