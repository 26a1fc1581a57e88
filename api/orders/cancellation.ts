/** Passes the wish to cancel an order on to the saga, which decides. */
import { type Message, newMessage } from '../../shared/messaging/message.js';
import type { SpanContext } from '../../shared/messaging/trace-context.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { CancelOrder } from '../../workers/orders/messages.js';
import { Problem } from '../problem.js';
import { leastMessageId, orderNotFound } from './order-id.js';
import { type PassingOn, passOn } from './wish.js';

export interface Wish {
  readonly orderId: string;
  /** Whose order it has to be; undefined finds it whosever it is. */
  readonly storefrontId?: string;
  /** What else belongs into the transaction. */
  readonly note?: (transaction: Transaction) => Promise<void>;
  /** The span of the request, asked for once the order is found; undefined when the order is not traced. */
  readonly span: () => SpanContext | undefined;
}

export interface Cancellation {
  readonly orderId: string;
  /** As it was when the wish was stored. */
  readonly status: string;
  readonly message: string;
}

/** However often it is asked for, one wish is passed on. @throws {Problem} `order.not-found`, `order.already-shipped` */
export async function cancelOrder(
  passing: PassingOn,
  { orderId, storefrontId, note, span }: Wish,
): Promise<Cancellation> {
  const { status } = await passOn(passing, async (transaction) => {
    const { status, asked } = await lockOrder(transaction, orderId, storefrontId);
    const madeIn = span();
    if (status === 'SHIPPED')
      throw new Problem('order.already-shipped', 'What has been shipped can only be sent back.');
    const messages = asked || status === 'CANCELLING' || status === 'CANCELLED' ? [] : [wishOf(orderId)];
    await note?.(transaction);
    return { status, messages, madeIn };
  });
  return { orderId, status, message: MESSAGES.get(status) ?? 'Cancellation received. Processing...' };
}

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['CANCELLING', 'The order is being cancelled.'],
  ['CANCELLED', 'The order is cancelled.'],
]);

/** Locks the order, so that of two wishes at once one is passed on; `asked` is whether one was before. */
async function lockOrder(transaction: Transaction, orderId: string, storefrontId: string | undefined) {
  const { rows } = await transaction.query<{ status: string }>({
    name: 'order-lock',
    text: 'select status from orders where id = $1 and ($2::uuid is null or storefront_id = $2) for no key update',
    values: [orderId, storefrontId ?? null],
  });
  const order = rows[0];
  if (order === undefined) throw orderNotFound();
  const { rowCount } = await transaction.query({
    name: 'order-cancel-asked',
    text: 'select 1 from event_log where correlation_id = $1 and type = $2 and id >= $3 limit 1',
    values: [orderId, CancelOrder.name, leastMessageId([orderId])],
  });
  return { status: order.status, asked: rowCount > 0 };
}

const wishOf = (orderId: string): Message =>
  newMessage(
    CancelOrder,
    { orderId },
    { correlationId: orderId, causationId: null, producer: 'web', occurredAt: new Date() },
  );
