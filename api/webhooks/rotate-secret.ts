/** `POST /webhooks/endpoints/{id}/rotate-secret`. */
import Type from '../../shared/messaging/typebox.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { EndpointPath, EndpointWithSecret, endpointIdOf, endpointOf } from './endpoint.js';
import { rotateSecret, type Storing } from './endpoint-rows.js';

const DAY_S = 86_400;

/** Null is what comes of no body. */
const Rotation = Type.Union([
  Type.Object(
    { keepForS: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * DAY_S })) },
    { additionalProperties: false },
  ),
  Type.Null(),
]);

export function rotateSecretRoute(app: App, storing: Storing): void {
  app.post(
    '/webhooks/endpoints/:id/rotate-secret',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Give a webhook endpoint a new secret',
        description: 'The present one signs as well for `keepForS` seconds, by default a day.',
        problems: ['webhook-endpoint.not-found'],
        params: EndpointPath,
        body: Rotation,
        response: { 200: EndpointWithSecret },
      },
    },
    async (request) => {
      const id = endpointIdOf(request.params);
      const storefrontId = storefrontOf(request);
      const rotated = await rotateSecret(storing, storefrontId, id, request.body?.keepForS ?? DAY_S);
      request.log.info({ storefront: storefrontId, endpoint: id }, 'the secret of a webhook endpoint was rotated');
      return { ...endpointOf(rotated), secret: rotated.secret };
    },
  );
}
