/** `GET /operator/orders/{id}/messages`: everything that was said about an order, with who has handled it and who has yet to. */
import { idTimeMs } from '../../../shared/messaging/message-id.js';
import Type, { type Static } from '../../../shared/messaging/typebox.js';
import type { Database } from '../../../shared/postgres/database.js';
import { leastMessageId, orderIdOf } from '../../orders/order-id.js';
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';

const OrderMessage = Type.Object({
  id: Type.String(),
  type: Type.String(),
  version: Type.Integer(),
  /** When its id was drawn: after what an effect took, where the log's own time is that of the handler's begin. */
  at: Type.String({ format: 'date-time' }),
  /** The actor that said it, or web. */
  producer: Type.String(),
  /** The message that it followed from. */
  causationId: Type.Union([Type.String(), Type.Null()]),
  payload: Type.Unknown(),
  /** Actors whose queue it goes to. */
  boundTo: Type.Array(Type.String()),
  /** Those of them that have handled it. */
  handledBy: Type.Array(Type.String()),
});
export type OrderMessage = Static<typeof OrderMessage>;

/** More than any order has; beyond, the rest is left out. */
const MESSAGES_AT_MOST = 500;

export function orderMessagesRoute(app: App, { database, actors: actorsOf }: Operating): void {
  app.get(
    '/operator/orders/:id/messages',
    {
      schema: {
        params: Type.Object({ id: Type.String() }),
        response: { 200: Type.Object({ items: Type.Array(OrderMessage) }) },
      },
    },
    async ({ params }) => {
      const actors = await actorsOf();
      const rows = await messagesOf(database, orderIdOf(params));
      const items = rows.map((row) => ({
        ...row,
        at: new Date(idTimeMs(row.id)).toISOString(),
        boundTo: actors.filter(({ contracts }) => contracts.has(row.type)).map(({ name }) => name),
      }));
      return { items };
    },
  );
}

async function messagesOf(database: Database, orderId: string): Promise<MessageRow[]> {
  const { rows } = await database.query<MessageRow>({
    text: `select id, type, version, producer, causation_id as "causationId", payload,
             array(select actor from inbox where inbox.message_id = log.id order by actor) as "handledBy"
           from event_log as log where correlation_id = $1 and id >= $2 order by id limit ${MESSAGES_AT_MOST}`,
    values: [orderId, leastMessageId([orderId])],
  });
  return rows;
}

type MessageRow = Omit<OrderMessage, 'at' | 'boundTo'>;
