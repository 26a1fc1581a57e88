/** Tells a repetition from another message under the same id, by what the event log has under it. */
import type { Transaction } from './database.js';

/**
 * The ids under which the event log has another body. An id that it does not have is of a message from elsewhere, and
 * nothing is known of it.
 */
export async function reusedIds(
  transaction: Transaction,
  messages: readonly { readonly id: string; readonly body: string }[],
): Promise<Set<string>> {
  if (messages.length === 0) return new Set();
  const { rows } = await transaction.query<{ id: string }>({
    name: 'ids-reused',
    text: `select log.id from unnest($1::uuid[], $2::jsonb[]) as message (id, body) join event_log as log on log.id = message.id
           where log.payload <> message.body`,
    values: [messages.map(({ id }) => id), messages.map(({ body }) => body)],
  });
  return new Set(rows.map(({ id }) => id));
}
