/** `POST /operator/orders/{id}/cancel`: as if the customer wished it, with who asked for it and why. */
import Type from '../../../shared/messaging/typebox.js';
import { cancelOrder } from '../../orders/cancellation.js';
import { orderIdOf } from '../../orders/order-id.js';
import { aboutOrder } from '../../request-spans.js';
import type { App } from '../../type-provider.js';
import { recordAction } from '../actions.js';
import { operatorOf } from '../authentication.js';
import { ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';

export function cancelRoute(app: App, operating: Operating): void {
  app.post(
    '/operator/orders/:id/cancel',
    { schema: { params: Type.Object({ id: Type.String() }), body: ReasonBody } },
    async (request, reply) => {
      const orderId = orderIdOf(request.params);
      const operator = operatorOf(request);
      const accepted = await cancelOrder(operating, {
        span: () => aboutOrder(request, orderId),
        orderId,
        note: (transaction) =>
          recordAction(transaction, operator, {
            action: 'cancel',
            thing: 'order',
            thingId: orderId,
            reason: request.body.reason,
          }),
      });
      reply.code(202);
      return accepted;
    },
  );
}
