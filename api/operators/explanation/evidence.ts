/** All that is known of one order, read in one place: what the explanation is made of. */
import type { Database } from '../../../shared/postgres/database.js';
import type { LetterStatus } from '../../../shared/postgres/dead-letter-list.js';
import { OLDEST_INBOX } from '../../../shared/postgres/inbox.js';
import { type OpenCircuit, openCircuits } from '../../../shared/postgres/provider-circuits.js';
import { type QueueSetting, queueSettings } from '../../../shared/postgres/queue-settings.js';
import { leastMessageId } from '../../orders/order-id.js';
import type { BrokerView } from '../broker.js';
import type { FleetActor } from '../fleet.js';

export interface OrderFacts {
  readonly id: string;
  readonly status: string;
  readonly stock: string;
  readonly payment: string;
  readonly shipment: string;
  readonly cancelReason: string | null;
  readonly placedAt: Date;
}

/** A message of the order, as the event log has it. */
export interface MessageFacts {
  readonly id: string;
  readonly type: string;
  readonly at: Date;
  /** Actors whose inbox has it. */
  readonly handledBy: readonly string[];
  /** The inbox of its day is dropped already: who has handled it cannot be told any more. */
  readonly forgotten: boolean;
  /** How often the relay has tried to send it; null once it is sent. */
  readonly unsentAttempts: number | null;
}

export interface LetterFacts {
  readonly id: string;
  readonly actor: string;
  readonly messageId: string;
  readonly type: string | null;
  readonly status: LetterStatus;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
}

export interface TimerFacts {
  readonly type: string;
  readonly dueAt: Date;
}

export interface OrderEvidence {
  readonly order: OrderFacts;
  /** In the order of their ids. */
  readonly messages: readonly MessageFacts[];
  /** Of the order, settled ones included, in the order of their line. */
  readonly letters: readonly LetterFacts[];
  /** The next one first. */
  readonly timers: readonly TimerFacts[];
  readonly circuits: readonly OpenCircuit[];
  /** What operators have set, by actor. */
  readonly settings: ReadonlyMap<string, QueueSetting>;
  readonly actors: readonly FleetActor[];
  readonly broker: BrokerView;
}

/** What PostgreSQL has of the order; undefined when there is none. */
export async function factsOf(
  database: Database,
  orderId: string,
  actors: readonly string[],
): Promise<Omit<OrderEvidence, 'actors' | 'broker'> | undefined> {
  const { rows } = await database.query<OrderFacts>({
    text: `select id, status, stock, payment, shipment, cancel_reason as "cancelReason", placed_at as "placedAt"
           from orders where id = $1`,
    values: [orderId],
  });
  const [order] = rows;
  if (order === undefined) return undefined;
  const { rows: messages } = await database.query<MessageFacts>({
    text: `select log.id, log.type, log.occurred_at as at,
             array(select actor from inbox where inbox.message_id = log.id) as "handledBy",
             log.id < coalesce((${OLDEST_INBOX}), log.id) as forgotten, outbox.attempts as "unsentAttempts"
           from event_log as log left join outbox on outbox.id = log.id
           where log.correlation_id = $1 and log.id >= $2 order by log.id`,
    values: [orderId, leastMessageId([orderId])],
  });
  const { rows: letters } = await database.query<LetterFacts>({
    text: `select id, actor, message_id as "messageId", type, status, error_code as code, error_message as message, attempts,
             first_at as "firstAt", last_at as "lastAt"
           from dead_letters where correlation_id = $1 order by place, id`,
    values: [orderId],
  });
  const { rows: timers } = await database.query<TimerFacts>({
    text: 'select type, due_at as "dueAt" from timers where correlation_id = $1 order by due_at',
    values: [orderId],
  });
  const [circuits, settings] = [await openCircuits(database), await queueSettings(database, actors)];
  return { order, messages, letters, timers, circuits, settings };
}
