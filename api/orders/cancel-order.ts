/** `POST /orders/{id}/cancel`: the customer's wish to cancel. */
import Type from 'typebox';
import { aboutOrder } from '../request-spans.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { cancelOrder } from './cancellation.js';
import { orderIdOf } from './order-id.js';
import type { Placing } from './placement.js';

const CancellationAccepted = Type.Object({ orderId: Type.String(), status: Type.String(), message: Type.String() });

export function cancelOrderRoute(app: App, placing: Placing): void {
  app.post(
    '/orders/:id/cancel',
    {
      config: { scope: 'orders:write' },
      schema: {
        params: Type.Object({ id: Type.String() }),
        response: { 202: CancellationAccepted },
      },
    },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const storefrontId = storefrontOf(request);
      const accepted = await cancelOrder(placing, {
        orderId,
        storefrontId,
        span: () => aboutOrder(request, orderId),
      });
      request.log.debug({ storefront: storefrontId, orderId, status: accepted.status }, 'cancellation asked for');
      reply.code(202);
      return accepted;
    },
  );
}
