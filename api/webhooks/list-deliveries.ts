/** `GET /webhooks/deliveries`: what a storefront was told or could not be told, newest first. */
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { Limit, Uuid } from '../one-line-text.js';
import { pageFrom, pageOf } from '../page.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { Delivery, deliveryOf, Status } from './delivery.js';
import { listDeliveries } from './delivery-rows.js';

const Query = Type.Object(
  {
    endpoint: Type.Optional(Uuid),
    order: Type.Optional(Uuid),
    status: Type.Optional(Status),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Type.String({ maxLength: 512 })),
  },
  { additionalProperties: false },
);

export function listDeliveriesRoute(app: App, own: StorefrontRows): void {
  app.get(
    '/webhooks/deliveries',
    {
      config: { scope: 'webhooks:write' },
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
}
