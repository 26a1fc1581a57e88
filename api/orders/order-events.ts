/** `GET /orders/{id}/events`: every message about an order, as a list or as they come. */
import Type, { type Static } from 'typebox';
import type { Database } from '../../shared/postgres/database.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import type { EventStreams } from './event-stream.js';
import { leastMessageId, orderIdOf, orderNotFound } from './order-id.js';

const OrderEvent = Type.Object({
  id: Type.String(),
  type: Type.String(),
  version: Type.Integer(),
  occurredAt: Type.String({ format: 'date-time' }),
  causationId: Type.Union([Type.String(), Type.Null()]),
  data: Type.Unknown(),
});
export type OrderEvent = Static<typeof OrderEvent>;

export function orderEventsRoute(app: App, database: Database, streams: EventStreams): void {
  app.get(
    '/orders/:id/events',
    {
      // A stream that sends nothing would stay open for nobody.
      exposeHeadRoute: false,
      schema: {
        params: Type.Object({ id: Type.String() }),
        response: { 200: Type.Object({ items: Type.Array(OrderEvent) }) },
      },
    },
    async (request, reply) => {
      const { headers } = request;
      const orderId = orderIdOf(request.params);
      const storefrontId = storefrontOf(request);
      await mustBeOwn(database, orderId, storefrontId);
      if (!/\btext\/event-stream\b/.test(headers.accept ?? '')) return { items: await eventsOf(database, orderId) };
      const lastEventId = headers['last-event-id'];
      streams.open(orderId, typeof lastEventId === 'string' ? lastEventId : undefined, reply);
      request.log.debug({ storefront: storefrontId, orderId }, 'event stream opened');
      return reply;
    },
  );
}

/** @throws {Problem} `order.not-found` */
async function mustBeOwn(database: Database, orderId: string, storefrontId: string): Promise<void> {
  const { rowCount } = await database.query({
    name: 'order-own',
    text: 'select 1 from orders where id = $1 and storefront_id = $2',
    values: [orderId, storefrontId],
  });
  if (rowCount === 0) throw orderNotFound();
}

async function eventsOf(database: Database, orderId: string): Promise<OrderEvent[]> {
  const { rows } = await database.query<EventRow>({
    name: 'order-events',
    text: `${SELECT_EVENT} where correlation_id = $1 and id >= $2 order by id`,
    values: [orderId, leastMessageId([orderId])],
  });
  return rows.map(eventOf);
}

/** The events with the ids, in their order. */
export async function eventsById(database: Database, ids: readonly string[]): Promise<OrderEvent[]> {
  const { rows } = await database.query<EventRow>({
    name: 'events-by-id',
    text: `${SELECT_EVENT} where id = any($1::uuid[]) order by id`,
    values: [ids],
  });
  return rows.map(eventOf);
}

const SELECT_EVENT = 'select id, type, version, occurred_at, causation_id, payload from event_log';

interface EventRow {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly occurred_at: Date;
  readonly causation_id: string | null;
  readonly payload: unknown;
}

const eventOf = ({ id, type, version, occurred_at, causation_id, payload }: EventRow): OrderEvent => ({
  id,
  type,
  version,
  occurredAt: occurred_at.toISOString(),
  causationId: causation_id,
  data: payload,
});
