/** `/webhooks/deliveries`: what a storefront was told or could not be told, and telling it once more. */
import Type from 'typebox';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { Limit, Time, Uuid } from '../one-line-text.js';
import { cursorAt, pageFrom, pageOf } from '../operators/page.js';
import { storefrontOf } from '../storefronts/authentication.js';
import { timeMs } from '../time-asked.js';
import type { App } from '../type-provider.js';
import { Delivery, deliveryIdOf, deliveryOf, Status, WholeDelivery } from './delivery.js';
import { findDelivery, listDeliveries, makeTestDelivery, replayDelivery, replayRange } from './delivery-rows.js';
import { EndpointPath, endpointIdOf } from './endpoint.js';
import { enabledEndpoint } from './endpoint-rows.js';

const strict = { additionalProperties: false } as const;
const config = { scope: 'webhooks:write' } as const;
/** Deliveries that one request makes due. */
const REPLAYED_AT_ONCE = 1000;

const Query = Type.Object(
  {
    endpoint: Type.Optional(Uuid),
    order: Type.Optional(Uuid),
    status: Type.Optional(Status),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Type.String({ maxLength: 512 })),
  },
  strict,
);
const Range = Type.Object(
  {
    from: Time,
    until: Type.Optional(Time),
    statuses: Type.Optional(Type.Array(Status, { minItems: 1, maxItems: 3, uniqueItems: true })),
    cursor: Type.Optional(Type.String({ maxLength: 512 })),
  },
  strict,
);
const DeliveryPath = Type.Object({ id: Type.String() });

export function deliveryRoutes(app: App, own: StorefrontRows): void {
  app.get(
    '/webhooks/deliveries',
    {
      config,
      schema: {
        summary: 'List deliveries of webhooks',
        description: 'The newest first. While there is a `nextCursor` there is more, by `?cursor=`.',
        querystring: Query,
        response: { 200: Type.Object({ items: Type.Array(Delivery), nextCursor: Type.Optional(Type.String()) }) },
      },
    },
    async (request) => {
      const { endpoint, order, status, ...page } = request.query;
      const { limit, after } = pageOf(page);
      const filter = { storefrontId: storefrontOf(request), endpoint, order, status, before: after, limit: limit + 1 };
      const { items, ...next } = pageFrom(await listDeliveries(own, filter), limit);
      return { items: items.map(deliveryOf), ...next };
    },
  );

  app.get(
    '/webhooks/deliveries/:id',
    {
      config,
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

  app.post(
    '/webhooks/deliveries/:id/replay',
    {
      config,
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

  app.post(
    '/webhooks/endpoints/:id/replay',
    {
      config,
      schema: {
        summary: 'Deliver the webhooks of a time once more',
        description:
          'Those that failed, or what `statuses` names. While there is a `nextCursor` there is more, by `cursor`.',
        problems: ['webhook-endpoint.not-found', 'webhook-endpoint.disabled'],
        params: EndpointPath,
        body: Range,
        response: { 202: Type.Object({ replayed: Type.Integer(), nextCursor: Type.Optional(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const { from, until, statuses = ['failed'], cursor } = request.body;
      const storefrontId = storefrontOf(request);
      const endpoint = endpointIdOf(request.params);
      await enabledEndpoint(own, storefrontId, endpoint);
      const { after } = pageOf({ cursor });
      const times = { from: timeOf(from, '/from'), until: until === undefined ? new Date() : timeOf(until, '/until') };
      const replayed = await replayRange(own, {
        storefrontId,
        endpoint,
        ...times,
        statuses,
        after,
        limit: REPLAYED_AT_ONCE,
      });
      request.log.info({ storefront: storefrontId, endpoint, replayed: replayed.length }, 'webhooks are replayed');
      reply.code(202);
      const last = replayed.at(-1);
      const more = last !== undefined && replayed.length === REPLAYED_AT_ONCE;
      return { replayed: replayed.length, ...(more ? { nextCursor: cursorAt(last.id) } : {}) };
    },
  );

  app.post(
    '/webhooks/endpoints/:id/test',
    {
      config,
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

/** Of the time of ids, which begins with 1970: whatever was before, nothing was told. */
const timeOf = (text: string, pointer: string): Date => new Date(Math.max(0, timeMs(text, { pointer })));
