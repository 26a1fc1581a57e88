/** Messages are stored in the transaction that they follow from, sent after it, and forgotten once the broker has them. */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Transaction } from './database.js';
import { type Message, outgoingOf } from './messages.js';
import { messagesSent } from './metrics.js';

/** How long a process has for sending what it committed before the relay does, in seconds. */
const LEASE_S = 10;

/** Rejects unless the broker has confirmed the message and found a queue for it. */
export type Publish = (message: Message) => Promise<void>;

/** Into event log and outbox. */
export async function store(transaction: Transaction, messages: readonly Message[], producer: string): Promise<void> {
  if (messages.length === 0) return;
  await transaction.query({
    name: 'store-messages',
    text: `with logged as (
             insert into event_log (id, type, correlation_id, causation_id, producer, occurred_at, payload)
             select id, type, correlation_id, causation_id, $6, clock_timestamp(), payload
             from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::jsonb[])
               as message (id, type, correlation_id, causation_id, payload)
             returning id)
           insert into outbox (id, leased_until) select id, now() + interval '${LEASE_S} s' from logged`,
    values: [
      messages.map(({ id }) => id),
      messages.map(({ name }) => name),
      messages.map(({ payload }) => payload.orderId),
      messages.map(({ causationId }) => causationId),
      messages.map(({ payload }) => JSON.stringify(payload)),
      producer,
    ],
  });
}

export class Outbox {
  readonly #pool: Pool;
  readonly #publish: Publish;
  readonly #log: Logger;

  constructor(pool: Pool, publish: Publish, log: Logger) {
    this.#pool = pool;
    this.#publish = publish;
    this.#log = log;
  }

  /** Sends what was committed. Never rejects: what is not sent stays, for the relay. */
  async send(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    try {
      await Promise.all(messages.map(this.#publish));
      await this.#pool.query({
        name: 'forget-messages',
        // Without waiting for the disk, as Warren does: a row that a crash brings back is sent once more.
        text: `with relaxed as materialized (select set_config('synchronous_commit', 'off', true) as mode)
               delete from outbox using relaxed where id = any($1::uuid[]) and relaxed.mode = 'off'`,
        values: [messages.map(({ id }) => id)],
      });
      messagesSent.inc(messages.length);
    } catch (error) {
      this.#log.warn({ error, orderId: messages[0]?.payload.orderId }, 'not sent; the relay sends it later');
    }
  }

  /** Sends what others have left; returns how many there were. */
  async sweep(atMost: number): Promise<number> {
    const { rows } = await this.#pool.query<StoredMessage>({
      name: 'lease-messages',
      text: `update outbox set leased_until = now() + interval '${LEASE_S} s'
             from event_log
             where event_log.id = outbox.id and outbox.id in (
               select id from outbox where leased_until < now() order by id limit $1 for update skip locked)
             returning event_log.id, type, causation_id as "causationId", payload`,
      values: [atMost],
    });
    await this.send(rows.map(messageOf));
    return rows.length;
  }
}

interface StoredMessage {
  readonly id: string;
  readonly type: string;
  readonly causationId: string | null;
  readonly payload: unknown;
}

function messageOf({ id, type, causationId, payload }: StoredMessage): Message {
  const outgoing = outgoingOf(type, payload);
  if (outgoing === undefined) throw new TypeError(`message ${id} in the event log is no ${type}`);
  return { ...outgoing, id, causationId };
}
