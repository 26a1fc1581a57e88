/** `POST /webhooks/deliveries/{id}/replay`. */
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { Delivery, DeliveryPath, deliveryIdOf, deliveryOf } from './delivery.js';
import { findDelivery, replayDelivery } from './delivery-rows.js';
import { enabledEndpoint } from './endpoint-rows.js';

export function replayDeliveryRoute(app: App, own: StorefrontRows): void {
  app.post(
    '/webhooks/deliveries/:id/replay',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Deliver a webhook once more',
        description: 'Under the same `webhook-id`.',
        problems: ['webhook-delivery.not-found', 'webhook-endpoint.disabled'],
        params: DeliveryPath,
        response: { 202: Delivery },
      },
    },
    async (request, reply) => {
      const storefrontId = storefrontOf(request);
      const id = deliveryIdOf(request.params);
      const { endpointId } = await findDelivery(own, storefrontId, id);
      await enabledEndpoint(own, storefrontId, endpointId);
      await replayDelivery(own, storefrontId, id);
      request.log.info({ storefront: storefrontId, delivery: id }, 'a webhook is replayed');
      reply.code(202);
      return deliveryOf(await findDelivery(own, storefrontId, id));
    },
  );
}
