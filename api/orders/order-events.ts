/** `GET /orders/{id}/events`: every message about an order, as a list or as they come. */
import Type from '../../shared/messaging/typebox.js';
import type { Transaction } from '../../shared/postgres/database.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { leavePlace } from '../intake/admission.js';
import { keyIdOf, storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { eventsOf, OrderEvent } from './event-rows.js';
import type { EventStreams } from './event-stream.js';
import { OrderPath, orderIdOf, orderNotFound } from './order-id.js';

export function orderEventsRoute(app: App, rows: StorefrontRows, streams: EventStreams): void {
  app.get(
    '/orders/:id/events',
    {
      // A stream that sends nothing would stay open for nobody.
      exposeHeadRoute: false,
      config: { scope: 'orders:read' },
      schema: {
        summary: 'Follow an order',
        description:
          'Every message about the order: as a list, or, with `Accept: text/event-stream`, as server-sent events that begin with those there are and end with the order.',
        takes: ['Last-Event-ID'],
        params: OrderPath,
        response: { 200: Type.Object({ items: Type.Array(OrderEvent) }) },
        media: { 200: ['application/json', 'text/event-stream'] },
        problems: ['order.not-found', 'order.too-many-streams'],
      },
    },
    async (request, reply) => {
      const { headers } = request;
      const orderId = orderIdOf(request.params);
      const storefrontId = storefrontOf(request);
      const streamed = /\btext\/event-stream\b/.test(headers.accept ?? '');
      const items = await rows.of(storefrontId).transaction(async (transaction) => {
        await mustBeOwn(transaction, orderId, storefrontId);
        return streamed ? [] : await eventsOf(transaction, orderId);
      });
      if (!streamed) return { items };
      const lastEventId = headers['last-event-id'];
      const followed = { orderId, storefrontId, keyId: keyIdOf(request) };
      streams.open(followed, typeof lastEventId === 'string' ? lastEventId : undefined, reply);
      leavePlace(request);
      request.log.debug({ storefront: storefrontId, orderId }, 'event stream opened');
      return reply;
    },
  );
}

/** @throws {Problem} `order.not-found` */
async function mustBeOwn(database: Transaction, orderId: string, storefrontId: string): Promise<void> {
  const { rowCount } = await database.query({
    name: 'order-own',
    text: 'select 1 from orders where id = $1 and storefront_id = $2',
    values: [orderId, storefrontId],
  });
  if (rowCount === 0) throw orderNotFound();
}
