/** `/webhooks/endpoints`: where a storefront wants to be told of its orders. */
import Type from 'typebox';
import type { AddressRules } from '../../shared/http/outside-address.js';
import { oneLine } from '../one-line-text.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { Endpoint, EndpointPath, EndpointWithSecret, endpointIdOf, endpointOf, Types, Url } from './endpoint.js';
import {
  changeEndpoint,
  deleteEndpoint,
  findEndpoint,
  listEndpoints,
  makeEndpoint,
  rotateSecret,
  type Storing,
} from './endpoint-rows.js';
import { mustBeOutside } from './target.js';

const strict = { additionalProperties: false } as const;
const config = { scope: 'webhooks:write' } as const;
const DAY_S = 86_400;

const Description = oneLine(200);
const NewEndpoint = Type.Object(
  { url: Url, description: Type.Optional(Description), types: Type.Optional(Types) },
  strict,
);
const Change = Type.Object(
  {
    url: Type.Optional(Url),
    description: Type.Optional(Description),
    types: Type.Optional(Types),
    disabled: Type.Optional(Type.Boolean()),
  },
  strict,
);
/** Null is what comes of no body. */
const Rotation = Type.Union([
  Type.Object({ keepForS: Type.Optional(Type.Integer({ minimum: 0, maximum: 7 * DAY_S })) }, strict),
  Type.Null(),
]);

export function endpointRoutes(app: App, storing: Storing, rules: AddressRules): void {
  const { own } = storing;
  app.post(
    '/webhooks/endpoints',
    {
      config,
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

  app.get(
    '/webhooks/endpoints',
    {
      config,
      schema: { summary: 'List webhook endpoints', response: { 200: Type.Object({ items: Type.Array(Endpoint) }) } },
    },
    async (request) => ({ items: (await listEndpoints(own, storefrontOf(request))).map(endpointOf) }),
  );

  app.get(
    '/webhooks/endpoints/:id',
    {
      config,
      schema: {
        summary: 'See a webhook endpoint',
        problems: ['webhook-endpoint.not-found'],
        params: EndpointPath,
        response: { 200: Endpoint },
      },
    },
    async (request) => endpointOf(await findEndpoint(own, storefrontOf(request), endpointIdOf(request.params))),
  );

  app.patch(
    '/webhooks/endpoints/:id',
    {
      config,
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

  app.delete(
    '/webhooks/endpoints/:id',
    {
      config,
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

  app.post(
    '/webhooks/endpoints/:id/rotate-secret',
    {
      config,
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
