/** `PATCH /webhooks/endpoints/{id}`. */
import type { AddressRules } from '../../shared/http/outside-address.js';
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { Description, Endpoint, EndpointPath, endpointIdOf, endpointOf, Types, Url } from './endpoint.js';
import { changeEndpoint } from './endpoint-rows.js';
import { mustBeOutside } from './target.js';

const Change = Type.Object(
  {
    url: Type.Optional(Url),
    description: Type.Optional(Description),
    types: Type.Optional(Types),
    disabled: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export function changeEndpointRoute(app: App, own: StorefrontRows, rules: AddressRules): void {
  app.patch(
    '/webhooks/endpoints/:id',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Change, disable or enable a webhook endpoint',
        description: 'What waits for an endpoint goes out when it is enabled again.',
        problems: ['webhook-endpoint.not-found', 'webhook-endpoint.url-refused'],
        params: EndpointPath,
        body: Change,
        response: { 200: Endpoint },
      },
    },
    async (request) => {
      const { body } = request;
      const id = endpointIdOf(request.params);
      const storefrontId = storefrontOf(request);
      if (body.url !== undefined) await mustBeOutside(body.url, rules);
      const changed = await changeEndpoint(own, storefrontId, id, body);
      request.log.info(
        { storefront: storefrontId, endpoint: id, changed: Object.keys(body) },
        'a webhook endpoint was changed',
      );
      return endpointOf(changed);
    },
  );
}
