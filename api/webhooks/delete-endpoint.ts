/** `DELETE /webhooks/endpoints/{id}`. */
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { EndpointPath, endpointIdOf } from './endpoint.js';
import { deleteEndpoint } from './endpoint-rows.js';

export function deleteEndpointRoute(app: App, own: StorefrontRows): void {
  app.delete(
    '/webhooks/endpoints/:id',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Delete a webhook endpoint and its log',
        problems: ['webhook-endpoint.not-found'],
        params: EndpointPath,
        media: { 204: [] },
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const id = endpointIdOf(request.params);
      const storefrontId = storefrontOf(request);
      await deleteEndpoint(own, storefrontId, id);
      request.log.info({ storefront: storefrontId, endpoint: id }, 'a webhook endpoint was deleted');
      reply.code(204);
      return null;
    },
  );
}
