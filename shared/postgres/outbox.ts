/**
 * Event log and outbox. A message enters both in the transaction that decided it; the outbox row goes when the broker has
 * confirmed it, the event log keeps it. The outbox holds only ids: what is sent is read from the event log.
 */
import type { Message } from '../messaging/message.js';
import type { Database, Transaction } from './database.js';

/**
 * Stores messages that are to be sent.
 * @param leaseMs how long this process has for sending them before the relay does; 0 leaves it to the relay
 */
export async function storeMessages(
  transaction: Transaction,
  messages: readonly Message[],
  leaseMs: number,
): Promise<void> {
  if (messages.length === 0) return;
  await transaction.query({
    name: 'messages-store',
    // Who stores them is asked for once a statement; as the column's default it would be found out anew for each row.
    // The bodies as one JSON array, which is read in one go.
    text: `with logged as (
             insert into event_log (id, type, version, correlation_id, causation_id, producer, occurred_at, payload)
             select * from rows from (unnest($1::uuid[], $2::text[], $3::integer[], $4::uuid[], $5::uuid[], $6::text[], $7::timestamptz[]),
                                      jsonb_array_elements($8::jsonb))
           )
           insert into outbox (id, leased_until, stored_by)
           select id, now() + $9 * interval '1 millisecond', (select quote_ident(current_user)::regrole::oid) from unnest($1::uuid[]) as id`,
    values: [
      messages.map((message) => message.id),
      messages.map((message) => message.type),
      messages.map((message) => message.version),
      messages.map((message) => message.correlationId),
      messages.map((message) => message.causationId),
      messages.map((message) => message.producer),
      messages.map((message) => message.occurredAt),
      `[${messages.map((message) => message.body).join(',')}]`,
      leaseMs,
    ],
  });
}

/**
 * Forgets messages that the broker has confirmed. The commit does not wait for the disk: a row that a crash brings back
 * is sent once more, and the inbox of its consumers knows it.
 */
export async function forgetSent(database: Database, ids: readonly string[]): Promise<void> {
  await database.query({
    name: 'outbox-forget',
    text: `with relaxed as materialized (select set_config('synchronous_commit', 'off', true) as mode)
           delete from outbox using relaxed where id = any($1::uuid[]) and relaxed.mode = 'off'`,
    values: [ids],
  });
}

export interface Unsent extends Message {
  /** How often the relay has taken it, this time included. */
  readonly attempts: number;
}

/** What a relay holds at once, in bytes of messages as text. */
const LEASED_BYTES_AT_MOST = 16 * 1024 * 1024;

/**
 * Takes messages whose lease has run out, oldest first, and leases them for `leaseMs`, longer with every attempt; fewer than
 * `limit` when they are large. Rows that another relay holds are skipped, not waited for.
 */
export async function leaseUnsent(database: Database, limit: number, leaseMs: number): Promise<Unsent[]> {
  const { rows } = await database.query<UnsentRow>({
    name: 'outbox-lease',
    text: `with due as (
             select id from outbox where leased_until <= now() order by id limit $1 for update skip locked
           ), sized as (
             select due.id, coalesce(sum(octet_length(log.payload::text)) over (
                      order by due.id rows between unbounded preceding and 1 preceding), 0) as bytes_before
             from due left join event_log as log on log.id = due.id
           ), leased as (
             update outbox set attempts = attempts + 1, leased_until = now() + power(2, least(attempts, 6)) * $2 * interval '1 millisecond'
             from sized where outbox.id = sized.id and bytes_before < $3 returning outbox.id, outbox.attempts
           )
           select leased.attempts, log.id, log.type, log.version, log.correlation_id, log.causation_id, log.producer,
                  log.occurred_at, log.payload::text as body
           from leased join event_log as log on log.id = leased.id order by log.id`,
    values: [limit, leaseMs, LEASED_BYTES_AT_MOST],
  });
  return rows.map((row) => ({
    id: row.id,
    type: row.type,
    version: row.version,
    correlationId: row.correlation_id,
    causationId: row.causation_id,
    producer: row.producer,
    occurredAt: row.occurred_at,
    body: row.body,
    attempts: row.attempts,
  }));
}

/** How many messages are not sent yet, counted no further than `most`. */
export async function countUnsent(database: Database, most: number): Promise<number> {
  const { rows } = await database.query<{ count: number }>({
    name: 'outbox-count',
    text: 'select count(*) as count from (select from outbox limit $1) as unsent',
    values: [most],
  });
  return rows[0]?.count ?? 0;
}

/**
 * Size and age of what is not sent yet; the age is of the oldest, in milliseconds, by the database's clock. Ids tell which that is:
 * looking every message up in the event log took 0.2 s for 20,000.
 */
export async function outboxBacklog(
  database: Database,
): Promise<{ readonly depth: number; readonly oldestMs: number }> {
  const { rows } = await database.query<{ depth: number; oldest_ms: number }>({
    text: `select count(*) as depth,
                  coalesce(extract(epoch from now() - (select occurred_at from event_log
                                                       where id = (select id from outbox order by id limit 1))) * 1000,
                           0)::float8 as oldest_ms
           from outbox`,
  });
  const row = rows[0];
  return { depth: row?.depth ?? 0, oldestMs: row?.oldest_ms ?? 0 };
}

interface UnsentRow {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly producer: string;
  readonly occurred_at: Date;
  readonly body: string;
  readonly attempts: number;
}
