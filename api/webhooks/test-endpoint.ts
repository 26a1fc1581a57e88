/** `POST /webhooks/endpoints/{id}/test`. */
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { makeTestDelivery } from './delivery-rows.js';
import { EndpointPath, endpointIdOf } from './endpoint.js';
import { enabledEndpoint } from './endpoint-rows.js';

export function testEndpointRoute(app: App, own: StorefrontRows): void {
  app.post(
    '/webhooks/endpoints/:id/test',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Send a test webhook',
        problems: ['webhook-endpoint.not-found', 'webhook-endpoint.disabled'],
        params: EndpointPath,
        gives: { 202: ['Location'] },
        response: { 202: Type.Object({ deliveryId: Type.String() }) },
      },
    },
    async (request, reply) => {
      const storefrontId = storefrontOf(request);
      const { id } = await enabledEndpoint(own, storefrontId, endpointIdOf(request.params));
      const deliveryId = await makeTestDelivery(own, storefrontId, id);
      reply.code(202).header('location', `/webhooks/deliveries/${deliveryId}`);
      return { deliveryId };
    },
  );
}
