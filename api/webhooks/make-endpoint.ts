/** `POST /webhooks/endpoints`. */
import type { AddressRules } from '../../shared/http/outside-address.js';
import Type from '../../shared/messaging/typebox.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { Description, EndpointWithSecret, endpointOf, Types, Url } from './endpoint.js';
import { makeEndpoint, type Storing } from './endpoint-rows.js';
import { mustBeOutside } from './target.js';

const NewEndpoint = Type.Object(
  { url: Url, description: Type.Optional(Description), types: Type.Optional(Types) },
  { additionalProperties: false },
);

export function makeEndpointRoute(app: App, storing: Storing, rules: AddressRules): void {
  app.post(
    '/webhooks/endpoints',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Make a webhook endpoint',
        description: 'The secret is in the answer, and in no other. See docs/webhooks.md for what is sent.',
        problems: ['webhook-endpoint.url-refused', 'webhook-endpoint.too-many'],
        body: NewEndpoint,
        gives: { 201: ['Location'] },
        response: { 201: EndpointWithSecret },
      },
    },
    async (request, reply) => {
      const { url, description, types = [] } = request.body;
      const storefrontId = storefrontOf(request);
      await mustBeOutside(url, rules);
      const made = await makeEndpoint(storing, { storefrontId, url, description, types });
      request.log.info({ storefront: storefrontId, endpoint: made.id }, 'a webhook endpoint was made');
      reply.code(201).header('location', `/webhooks/endpoints/${made.id}`);
      return { ...endpointOf(made), secret: made.secret };
    },
  );
}
