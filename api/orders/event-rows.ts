/** The messages about an order that are its storefront's to see, read from the event log. */
import Type, { type Static } from '../../shared/messaging/typebox.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { ResendMail } from '../../workers/email/messages.js';
import { leastMessageId } from './order-id.js';

export const OrderEvent = Type.Object(
  {
    id: Type.String(),
    type: Type.String(),
    version: Type.Integer(),
    occurredAt: Type.String({ format: 'date-time' }),
    causationId: Type.Union([Type.String(), Type.Null()]),
    data: Type.Unknown(),
  },
  { title: 'OrderEvent', description: 'A message about the order; `data` is its payload (/asyncapi.json).' },
);
export type OrderEvent = Static<typeof OrderEvent>;

/** A message by which operators do something for a customer: theirs to see, and no storefront's. */
export const OPERATORS_OWN = ResendMail.name;

/** All of them, oldest id first. */
export async function eventsOf(database: Transaction, orderId: string): Promise<OrderEvent[]> {
  const { rows } = await database.query<EventRow>({
    name: 'order-events',
    text: `${SELECT_EVENT} where correlation_id = $1 and id >= $2 and type <> $3 order by id`,
    values: [orderId, leastMessageId([orderId]), OPERATORS_OWN],
  });
  return rows.map(eventOf);
}

/** The events with the ids, in their order. */
export async function eventsById(database: Transaction, ids: readonly string[]): Promise<OrderEvent[]> {
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
