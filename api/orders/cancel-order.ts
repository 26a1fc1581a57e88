/** `POST /orders/{id}/cancel`: passes the customer's wish on to the saga, which decides. */
import Type from 'typebox';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { failpoint } from '../../shared/observability/failpoint.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import { CancelOrder } from '../../workers/orders/messages.js';
import { Problem } from '../problem.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { leastMessageId, orderIdOf, orderNotFound } from './order-id.js';
import type { Placing } from './placement.js';

const CancellationAccepted = Type.Object({ orderId: Type.String(), status: Type.String(), message: Type.String() });

export function cancelOrderRoute(app: App, { database, dispatcher, outboxLeaseMs }: Placing): void {
  app.post(
    '/orders/:id/cancel',
    {
      schema: {
        params: Type.Object({ id: Type.String() }),
        response: { 202: CancellationAccepted },
      },
    },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const storefrontId = storefrontOf(request);
      const { status, messages } = await database.transaction(async (transaction) => {
        const { status, asked } = await lockOrder(transaction, orderId, storefrontId);
        if (status === 'SHIPPED')
          throw new Problem('order.already-shipped', 'What has been shipped can only be sent back.');
        const messages = asked || status === 'CANCELLING' || status === 'CANCELLED' ? [] : [cancelOrder(orderId)];
        await storeMessages(transaction, messages, outboxLeaseMs);
        failpoint('cancel-stored');
        return { status, messages };
      });
      failpoint('cancel-committed');
      dispatcher.dispatch(messages);
      request.log.debug({ storefront: storefrontId, orderId, status }, 'cancellation asked for');
      reply.code(202);
      return { orderId, status, message: MESSAGES.get(status) ?? 'Cancellation received. Processing...' };
    },
  );
}

const MESSAGES: ReadonlyMap<string, string> = new Map([
  ['CANCELLING', 'The order is being cancelled.'],
  ['CANCELLED', 'The order is cancelled.'],
]);

/** Locks the order, so that of two wishes at once one is passed on; `asked` is whether one was before. */
async function lockOrder(transaction: Transaction, orderId: string, storefrontId: string) {
  const { rows } = await transaction.query<{ status: string }>({
    name: 'order-lock',
    text: 'select status from orders where id = $1 and storefront_id = $2 for no key update',
    values: [orderId, storefrontId],
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

const cancelOrder = (orderId: string): Message =>
  newMessage(
    CancelOrder,
    { orderId },
    { correlationId: orderId, causationId: null, producer: 'web', occurredAt: new Date() },
  );
