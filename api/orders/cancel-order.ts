/** `POST /orders/{id}/cancel`: the customer's wish to cancel. */
import Type from '../../shared/messaging/typebox.js';
import { aboutOrder } from '../request-spans.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { cancelOrder } from './cancellation.js';
import { OrderPath, orderIdOf } from './order-id.js';
import type { Placing } from './placement.js';

const CancellationAccepted = Type.Object({ orderId: Type.String(), status: Type.String(), message: Type.String() });

export function cancelOrderRoute(app: App, placing: Placing): void {
  app.post(
    '/orders/:id/cancel',
    {
      config: { scope: 'orders:write' },
      schema: {
        summary: 'Wish an order cancelled',
        description: 'The wish is passed on; the status of the order tells what came of it.',
        params: OrderPath,
        response: { 202: CancellationAccepted },
        problems: ['order.not-found', 'order.already-shipped'],
      },
    },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const storefrontId = storefrontOf(request);
      const accepted = await cancelOrder(
        { ...placing, database: placing.rows.of(storefrontId) },
        { orderId, storefrontId, span: () => aboutOrder(request, orderId) },
      );
      request.log.debug({ storefront: storefrontId, orderId, status: accepted.status }, 'cancellation asked for');
      reply.code(202);
      return accepted;
    },
  );
}
