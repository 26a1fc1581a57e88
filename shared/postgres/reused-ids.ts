/** Tells a repetition from another message under the same id, by what the event log has under it. */
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from './database.js';

/**
 * The ids under which the event log has another body. An id that it does not have is of a message from elsewhere, and
 * nothing is known of it.
 * @param messages with bodies that are JSON, of which PostgreSQL may be unable to hold any
 */
export async function reusedIds(
  transaction: Transaction,
  messages: readonly { readonly id: string; readonly body: string }[],
): Promise<Set<string>> {
  if (messages.length === 0) return new Set();
  const { rows } = await transaction.query<{ id: string; body: string }>({
    name: 'ids-logged',
    text: 'select id, payload::text as body from event_log where id = any($1::uuid[])',
    values: [[...new Set(messages.map(({ id }) => id))]],
  });
  const logged = new Map(rows.map(({ id, body }) => [id, body]));
  const reused = messages.filter(({ id, body }) => {
    const before = logged.get(id);
    return before !== undefined && !sayTheSame(before, body);
  });
  return new Set(reused.map(({ id }) => id));
}

function sayTheSame(logged: string, come: string): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(logged), JSON.parse(come));
  } catch {
    // Nested too deeply to be compared: nothing of ours is.
    return false;
  }
}
