/**
 * Which messages have to wait at an actor: while a letter of an order stands there, only the letter at the head of that
 * line may be handled, and only when it is being redriven. What comes later stands behind it.
 */
import type { Rows, Statement } from './database.js';
import { IN_LINE, STANDING } from './dead-letters.js';

interface Asking {
  query<R extends object>(statement: Statement): Promise<Rows<R>>;
}

/** True when the actor has letters at all, in line or not: the first in an index that is nearly always empty tells. */
export async function hasLetters(database: Asking, actor: string): Promise<boolean> {
  const { rowCount } = await database.query({
    name: 'dead-letters-any',
    text: `select from dead_letters where actor = $1 and ${STANDING} limit 1`,
    values: [actor],
  });
  return rowCount > 0;
}

/** The ids of those that have to wait. */
export async function mustWait(
  database: Asking,
  actor: string,
  messages: readonly { readonly id: string; readonly correlationId: string }[],
): Promise<Set<string>> {
  const { rows } = await database.query<{ id: string }>({
    name: 'dead-letters-ahead',
    text: `select message.id from unnest($2::text[], $3::text[]) as message (id, correlation_id)
           cross join lateral (
             select message_id, status from dead_letters
             where actor = $1 and correlation_id = message.correlation_id and ${IN_LINE}
             order by place limit 1
           ) as head
           where head.status <> 'redriving' or head.message_id <> message.id`,
    values: [actor, messages.map(({ id }) => id), messages.map(({ correlationId }) => correlationId)],
  });
  return new Set(rows.map(({ id }) => id));
}
