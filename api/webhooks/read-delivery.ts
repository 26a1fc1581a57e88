/** `GET /webhooks/deliveries/{id}`. */
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { DeliveryPath, deliveryIdOf, deliveryOf, WholeDelivery } from './delivery.js';
import { findDelivery } from './delivery-rows.js';

export function readDeliveryRoute(app: App, own: StorefrontRows): void {
  app.get(
    '/webhooks/deliveries/:id',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'See a delivery, its body and its attempts',
        problems: ['webhook-delivery.not-found'],
        params: DeliveryPath,
        response: { 200: WholeDelivery },
      },
    },
    async (request) => {
      const found = await findDelivery(own, storefrontOf(request), deliveryIdOf(request.params));
      return { ...deliveryOf(found), body: found.body, log: [...found.log] };
    },
  );
}
