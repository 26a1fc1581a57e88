/** `GET /orders/{id}`: an order, for the storefront that placed it; with its `ETag` in If-None-Match only if it has changed. */
import Type from '../../shared/messaging/typebox.js';
import { tagAnswer } from '../entity-tag.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { findOrder, type OwnReading } from './find-order.js';
import { OrderPath, orderIdOf, orderNotFound } from './order-id.js';
import { OrderView } from './order-view.js';

export function readOrderRoute(app: App, { rows, keyring }: OwnReading): void {
  app.get(
    '/orders/:id',
    {
      config: { scope: 'orders:read' },
      onSend: tagAnswer,
      schema: {
        summary: 'See where an order stands',
        params: OrderPath,
        takes: ['If-None-Match'],
        response: { 200: OrderView, 304: Type.Null() },
        gives: { 200: ['ETag'], 304: ['ETag'] },
        media: { 304: [] },
        problems: ['order.not-found', 'order.persons-unread'],
      },
    },
    async (request) => {
      const orderId = orderIdOf(request.params);
      const storefrontId = storefrontOf(request);
      const order = await findOrder({ database: rows.of(storefrontId), keyring }, orderId, storefrontId);
      if (order === undefined) throw orderNotFound();
      return order;
    },
  );
}
