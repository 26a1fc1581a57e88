/**
 * Letters on their way back: decided in PostgreSQL first, then sent under a lease, confirmed, and settled when the actor has
 * handled them. Whoever dies in between leaves a row that is sent again, and the inbox knows the message.
 */
import type { Database, Transaction } from './database.js';
import { AHEAD, UUID } from './dead-letters.js';

/** A letter that is to be sent to its actor. */
export interface Redrive {
  readonly id: string;
  readonly actor: string;
  readonly messageId: string;
  readonly type: string | null;
  readonly correlationId: string | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Takes letters that are to be sent and stand at the head of their line, and leases them. What was held is being redriven
 * from now on: nothing stands ahead of it any more. Those of a paused actor stay until it is resumed.
 * @param release under which they will be handled
 */
export async function leaseRedrives(
  database: Database,
  { limit, leaseMs, release }: { readonly limit: number; readonly leaseMs: number; readonly release: string },
): Promise<Redrive[]> {
  const { rows } = await database.query<RedriveRow>({
    name: 'redrives-lease',
    text: `with due as (
             select id from dead_letters as letter
             where status in ('held', 'redriving') and sent_at is null
               and (leased_until is null or leased_until <= now())
               and not exists (select ${AHEAD})
               and not exists (select from queue_settings where queue_settings.actor = letter.actor and paused_at is not null)
             order by place limit $1 for update of letter skip locked
           )
           update dead_letters as letter
           set status = 'redriving', redrive_release = $3, leased_until = now() + $2 * interval '1 millisecond'
           from due where letter.id = due.id
           returning letter.id, actor, message_id, type, correlation_id, body, headers`,
    values: [limit, leaseMs, release],
  });
  return rows.map((row) => ({
    id: row.id,
    actor: row.actor,
    messageId: row.message_id,
    type: row.type,
    correlationId: row.correlation_id,
    body: row.body,
    headers: row.headers,
  }));
}

/** True while letters may be on their way to the queue of an actor. Where it is paused no further ones will be. */
export async function redrivesUnderWay(database: Transaction, actor: string): Promise<boolean> {
  const { rows } = await database.query({
    text: `select from dead_letters
           where actor = $1 and status = 'redriving' and sent_at is null and leased_until > now() limit 1`,
    values: [actor],
  });
  return rows.length > 0;
}

/** The broker has confirmed them. One that has failed again already is left alone. */
export async function markSent(database: Database, ids: readonly string[]): Promise<void> {
  await database.query({
    name: 'redrives-sent',
    text: `update dead_letters set sent_at = now() where id in (
             select id from dead_letters where id = any($1::uuid[]) and status = 'redriving' and leased_until is not null
             order by id for update)`,
    values: [ids],
  });
}

/** Closes letters whose message their actor has handled, and returns how many. */
export async function settleRedriven(database: Database): Promise<number> {
  const { rowCount } = await database.query({
    name: 'redrives-settle',
    // Only what is a UUID is cast; nothing else is ever redriven.
    text: `update dead_letters set status = 'redriven', last_at = now() where id in (
             select letter.id from dead_letters as letter join inbox on inbox.actor = letter.actor
               and inbox.message_id = case when letter.message_id ~ '${UUID}' then letter.message_id::uuid end
             where letter.status = 'redriving' for update of letter skip locked)`,
  });
  return rowCount;
}

interface RedriveRow {
  readonly id: string;
  readonly actor: string;
  readonly message_id: string;
  readonly type: string | null;
  readonly correlation_id: string | null;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}
