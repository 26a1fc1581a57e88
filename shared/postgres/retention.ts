/** What is dropped when it is old enough. */
import type { Database } from './database.js';

/** Dropping a partition locks the whole table for a moment; whoever is in the way of that longer wins. */
const WAIT_AT_MOST_MS = 2000;
const ROWS_AT_ONCE = 10_000;

/**
 * Drops the daily partitions that ended so many days ago, and returns how many.
 * @throws {Error} when the table is busy for too long; trying again later is enough
 */
export function dropOldPartitions(database: Database, table: 'event_log' | 'inbox', keepDays: number): Promise<number> {
  return database.transaction(async (transaction) => {
    await transaction.query({ text: `set local lock_timeout = ${WAIT_AT_MOST_MS}` });
    const { rows } = await transaction.query<{ dropped: number }>({
      text: 'select drop_old_partitions($1, $2) as dropped',
      values: [table, keepDays],
    });
    return rows[0]?.dropped ?? 0;
  });
}

/** Forgets idempotency keys of the intake older than so many days, and returns how many. */
export async function forgetIdempotencyKeys(database: Database, keepDays: number): Promise<number> {
  for (let forgotten = 0; ; ) {
    const { rowCount } = await database.query({
      text: `delete from idempotency_keys where ctid = any(array(
               select ctid from idempotency_keys where created_at < now() - $1 * interval '1 day' limit $2))`,
      values: [keepDays, ROWS_AT_ONCE],
    });
    forgotten += rowCount;
    if (rowCount < ROWS_AT_ONCE) return forgotten;
  }
}

/**
 * Cancels imports that have not got all their messages within `importDays`, with what came of them, and forgets replays that
 * ended `keepDays` ago. Returns how many of both.
 */
export function forgetReplays(
  database: Database,
  { importDays, keepDays }: { readonly importDays: number; readonly keepDays: number },
): Promise<number> {
  return database.transaction(async (transaction) => {
    const { rows: givenUp } = await transaction.query<{ id: string }>({
      text: `update replays set status = 'cancelled', finished_at = now()
             where status = 'importing' and made_at < now() - $1 * interval '1 day' returning id`,
      values: [importDays],
    });
    // A statement of its own, which sees what an import that was waited for has brought.
    await transaction.query({
      text: 'delete from replay_messages where replay_id = any($1::uuid[])',
      values: [givenUp.map(({ id }) => id)],
    });
    const { rowCount: forgotten } = await transaction.query({
      text: `delete from replays where finished_at < now() - $1 * interval '1 day'`,
      values: [keepDays],
    });
    return givenUp.length + forgotten;
  });
}
