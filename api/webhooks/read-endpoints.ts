/** `GET /webhooks/endpoints` and `GET /webhooks/endpoints/{id}`. */
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { Endpoint, EndpointPath, endpointIdOf, endpointOf } from './endpoint.js';
import { findEndpoint, listEndpoints } from './endpoint-rows.js';

export function readEndpointsRoutes(app: App, own: StorefrontRows): void {
  app.get(
    '/webhooks/endpoints',
    {
      config: { scope: 'webhooks:write' },
      schema: { summary: 'List webhook endpoints', response: { 200: Type.Object({ items: Type.Array(Endpoint) }) } },
    },
    async (request) => ({ items: (await listEndpoints(own, storefrontOf(request))).map(endpointOf) }),
  );

  app.get(
    '/webhooks/endpoints/:id',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'See a webhook endpoint',
        problems: ['webhook-endpoint.not-found'],
        params: EndpointPath,
        response: { 200: Endpoint },
      },
    },
    async (request) => endpointOf(await findEndpoint(own, storefrontOf(request), endpointIdOf(request.params))),
  );
}
