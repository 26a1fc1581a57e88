/** `POST /operator/orders/{id}/erase`: forgets for whom an order was, with who asked for it and why. */
import Type from '../../../shared/messaging/typebox.js';
import { orderIdOf } from '../../orders/order-id.js';
import { aboutOrder } from '../../request-spans.js';
import type { App } from '../../type-provider.js';
import { change, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { erasePersons } from './erasure.js';

export interface Erasure {
  readonly orderId: string;
  readonly message: string;
}

export function eraseRoute(app: App, { database }: Operating): void {
  app.post(
    '/operator/orders/:id/erase',
    { schema: { params: Type.Object({ id: Type.String() }), body: ReasonBody } },
    async (request): Promise<Erasure> => {
      const orderId = orderIdOf(request.params);
      aboutOrder(request, orderId);
      const { reason } = request.body;
      const erased = await change(
        database,
        request,
        { action: 'erase', thing: 'order', thingId: orderId, reason, details: (isNew) => ({ isNew }) },
        (transaction) => erasePersons(transaction, orderId),
      );
      return {
        orderId,
        message: erased
          ? 'Who ordered and where it went is erased.'
          : 'Who ordered and where it went was erased before.',
      };
    },
  );
}
