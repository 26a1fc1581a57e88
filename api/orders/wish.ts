/** Passes a wish about an order on to the worker that obeys it: stored in one transaction with what belongs to it, then sent. */
import type { Message } from '../../shared/messaging/message.js';
import type { SpanContext } from '../../shared/messaging/trace-context.js';
import { failpoint } from '../../shared/observability/failpoint.js';
import { recordCreated } from '../../shared/observability/message-spans.js';
import type { Asked, Transaction } from '../../shared/postgres/database.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import type { Placing } from './placement.js';

export interface Wished {
  /** Empty where the wish was passed on before. */
  readonly messages: readonly Message[];
  /** The span of the request; undefined when the order is not traced. */
  readonly madeIn: SpanContext | undefined;
}

export interface PassingOn extends Pick<Placing, 'dispatcher' | 'outboxLeaseMs'> {
  /** What a storefront may see of it, where it is a storefront that wishes. */
  readonly database: Asked;
}

/** @param find says what is wished; what it throws changes nothing */
export async function passOn<T extends Wished>(
  { database, dispatcher, outboxLeaseMs }: PassingOn,
  find: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const wished = await database.transaction(async (transaction) => {
    const found = await find(transaction);
    await storeMessages(transaction, found.messages, outboxLeaseMs);
    failpoint('wish-stored');
    return found;
  });
  failpoint('wish-committed');
  recordCreated(wished.messages, () => wished.madeIn);
  dispatcher.dispatch(wished.messages);
  return wished;
}
