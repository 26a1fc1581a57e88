/** Messages of a replay that come from a file: kept beside the event log, until the replay is over. */
import type { Message } from '../messaging/message.js';
import type { Transaction } from './database.js';
import { reusedIds } from './reused-ids.js';

export interface Kept {
  /** Messages that were not there before. */
  readonly kept: number;
  /** Ids under which the replay, or the event log, has another body. */
  readonly reused: ReadonlySet<string>;
}

/** Keeps messages of a replay; one that is kept already is not kept twice. */
export async function keepMessages(
  transaction: Transaction,
  replay: string,
  messages: readonly Message[],
): Promise<Kept> {
  const ids = messages.map(({ id }) => id);
  const bodies = messages.map(({ body }) => body);
  const { rowCount } = await transaction.query({
    text: `insert into replay_messages (replay_id, id, type, version, correlation_id, causation_id, producer, occurred_at, payload)
           select $1, * from unnest($2::uuid[], $3::text[], $4::integer[], $5::uuid[], $6::uuid[], $7::text[], $8::timestamptz[], $9::jsonb[])
           on conflict do nothing`,
    values: [
      replay,
      ids,
      messages.map(({ type }) => type),
      messages.map(({ version }) => version),
      messages.map(({ correlationId }) => correlationId),
      messages.map(({ causationId }) => causationId),
      messages.map(({ producer }) => producer),
      messages.map(({ occurredAt }) => occurredAt),
      bodies,
    ],
  });
  const { rows } = await transaction.query<{ id: string }>({
    text: `select kept.id from unnest($2::uuid[], $3::jsonb[]) as message (id, body)
           join replay_messages as kept on kept.replay_id = $1 and kept.id = message.id where kept.payload <> message.body`,
    values: [replay, ids, bodies],
  });
  const reused = await reusedIds(transaction, messages);
  return { kept: rowCount, reused: new Set([...rows.map(({ id }) => id), ...reused]) };
}

/** How many the replay has. */
export async function countKept(transaction: Transaction, replay: string): Promise<number> {
  const { rows } = await transaction.query<{ count: number }>({
    text: 'select count(*) as count from replay_messages where replay_id = $1',
    values: [replay],
  });
  return rows[0]?.count ?? 0;
}
