/** How a migration changes every row of a table in use. */
import type { Knex } from 'knex';

/** Each of them may be locked meanwhile. */
const AT_ONCE = 5000;
const FIRST = '00000000-0000-0000-0000-000000000000';

/**
 * Has the rows there are changed in the order of their keys, which are UUIDs, 5,000 in each transaction. What was changed stays so
 * when a later part fails. Rows that come meanwhile may be missed.
 */
export async function inParts(
  knex: Knex,
  { table, key }: { readonly table: string; readonly key: string },
  change: (keys: string[]) => PromiseLike<unknown>,
): Promise<void> {
  let last: string | undefined = FIRST;
  while (last !== undefined) {
    const next: { rows: { key: string }[] } = await knex.raw(
      `select ${key} as key from ${table} where ${key} > ? order by ${key} limit ?`,
      [last, AT_ONCE],
    );
    const keys = next.rows.map((row) => row.key);
    await change(keys);
    last = keys.length < AT_ONCE ? undefined : keys.at(-1);
  }
}
