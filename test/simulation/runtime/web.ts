/** The intake of one process: the project's own queue and placement, without HTTP. */
import { OrderQueue } from '../../../api/orders/order-queue.js';
import type { Placement } from '../../../api/orders/placement.js';
import type { Placed } from '../../../api/orders/repetition.js';
import type { ProcessParts } from '../../../shared/actors/process-parts.js';
import { newMessage } from '../../../shared/messaging/message.js';
import { storeMessages } from '../../../shared/postgres/outbox.js';
import { StorefrontRows } from '../../../shared/postgres/storefront-rows.js';
import { CancelOrder } from '../../../workers/orders/messages.js';

const PAYMENT_DEADLINE_MS = 60_000;

export class Web {
  readonly #parts: ProcessParts;
  readonly #queue: OrderQueue;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    const rows = new StorefrontRows(parts.database);
    this.#queue = new OrderQueue({ ...parts, rows, paymentDeadlineMs: PAYMENT_DEADLINE_MS });
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
