/**
 * Timers: messages that are to be published later. A timer is scheduled, and taken back, in the transaction that decided it;
 * when it is due it leaves this table and enters event log and outbox in one transaction, so it is published once.
 */
import type { Message } from '../messaging/message.js';
import { newId } from '../messaging/message-id.js';
import type { Timer, TimerKey } from '../messaging/timer.js';
import { failpoint } from '../observability/failpoint.js';
import type { Database, Transaction } from './database.js';
import { storeMessages } from './outbox.js';

/** What one handler does to the timers of its order: schedules one, in the place of another of its type, or takes one back. */
export type TimerChange = Timer | TimerKey;

/** Carries the changes out; the later one counts where several concern one timer. */
export async function saveTimers(transaction: Transaction, changes: readonly TimerChange[]): Promise<void> {
  if (changes.length === 0) return;
  const last = new Map(changes.map((change) => [`${change.correlationId} ${change.type}`, change]));
  const scheduled: Timer[] = [];
  const unscheduled: TimerKey[] = [];
  for (const change of last.values()) {
    if ('afterMs' in change) scheduled.push(change);
    else unscheduled.push(change);
  }
  await Promise.all([unschedule(transaction, unscheduled), schedule(transaction, scheduled)]);
}

async function unschedule(transaction: Transaction, unscheduled: readonly TimerKey[]): Promise<void> {
  if (unscheduled.length === 0) return;
  await transaction.query({
    name: 'timers-unschedule',
    text: `delete from timers using unnest($1::uuid[], $2::text[]) as gone (correlation_id, type)
           where timers.correlation_id = gone.correlation_id and timers.type = gone.type`,
    values: [unscheduled.map(({ correlationId }) => correlationId), unscheduled.map(({ type }) => type)],
  });
}

async function schedule(transaction: Transaction, scheduled: readonly Timer[]): Promise<void> {
  if (scheduled.length === 0) return;
  await transaction.query({
    name: 'timers-schedule',
    text: `insert into timers (correlation_id, type, version, causation_id, producer, payload, due_at)
           select correlation_id, type, version, causation_id, producer, payload, now() + after_ms * interval '1 millisecond'
           from unnest($1::uuid[], $2::text[], $3::integer[], $4::uuid[], $5::text[], $6::jsonb[], $7::float8[])
             as new (correlation_id, type, version, causation_id, producer, payload, after_ms)
           on conflict (correlation_id, type) do update
           set version = excluded.version, causation_id = excluded.causation_id, producer = excluded.producer,
               payload = excluded.payload, due_at = excluded.due_at`,
    values: [
      scheduled.map(({ correlationId }) => correlationId),
      scheduled.map(({ type }) => type),
      scheduled.map(({ version }) => version),
      scheduled.map(({ causationId }) => causationId),
      scheduled.map(({ producer }) => producer),
      scheduled.map(({ body }) => body),
      scheduled.map(({ afterMs }) => afterMs),
    ],
  });
}

/**
 * Moves timers that are due into event log and outbox, the longest overdue first, and returns the messages. Those that
 * somebody else is firing, or whose order is just taking them back, are skipped, not waited for.
 * @param leaseMs how long this process has for sending them before the relay does
 */
export function fireDueTimers(database: Database, limit: number, leaseMs: number): Promise<Message[]> {
  return database.transaction(async (transaction) => {
    const { rows } = await transaction.query<TimerRow>({
      name: 'timers-fire',
      text: `with due as (
               select correlation_id, type from timers where due_at <= now() order by due_at limit $1 for update skip locked
             )
             delete from timers using due where timers.correlation_id = due.correlation_id and timers.type = due.type
             returning timers.correlation_id, timers.type, version, causation_id, producer, payload::text as body, now() as now`,
      values: [limit],
    });
    if (rows.length > 0) failpoint('timers-taken');
    const messages = rows.map(
      (row): Message => ({
        id: newId(),
        type: row.type,
        version: row.version,
        correlationId: row.correlation_id,
        causationId: row.causation_id,
        producer: row.producer,
        occurredAt: row.now,
        body: row.body,
      }),
    );
    await storeMessages(transaction, messages, leaseMs);
    return messages;
  });
}

/** The seconds, rounded up, in which timers fall due within the given time, and how far off each is, by the database's clock. */
export async function secondsAhead(
  database: Database,
  withinMs: number,
): Promise<{ readonly second: number; readonly inMs: number }[]> {
  const { rows } = await database.query<{ second: number; in_ms: number }>({
    name: 'timers-ahead',
    text: `select second, second * 1000 - extract(epoch from now())::float8 * 1000 as in_ms
           from (select distinct ceil(extract(epoch from due_at))::float8 as second from timers
                 where due_at > now() and due_at <= now() + $1 * interval '1 millisecond') as seconds`,
    values: [withinMs],
  });
  return rows.map((row) => ({ second: row.second, inMs: Math.max(0, Math.ceil(row.in_ms)) }));
}

/** How many timers there are, and by how much the longest overdue is late, in milliseconds. */
export async function timersBacklog(
  database: Database,
): Promise<{ readonly scheduled: number; readonly overdue: number; readonly overdueMs: number }> {
  const { rows } = await database.query<{ scheduled: number; overdue: number; overdue_ms: number }>({
    text: `select count(*) as scheduled, count(*) filter (where due_at < now()) as overdue,
                  greatest(coalesce(extract(epoch from now() - min(due_at)) * 1000, 0), 0)::float8 as overdue_ms
           from timers`,
  });
  const row = rows[0];
  return { scheduled: row?.scheduled ?? 0, overdue: row?.overdue ?? 0, overdueMs: row?.overdue_ms ?? 0 };
}

interface TimerRow {
  readonly correlation_id: string;
  readonly type: string;
  readonly version: number;
  readonly causation_id: string | null;
  readonly producer: string;
  readonly body: string;
  readonly now: Date;
}
