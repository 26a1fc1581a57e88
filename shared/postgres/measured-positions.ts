/** How far a measurement has looked through the event log; kept, so that a process that starts again goes on there. */
import type { Database, Transaction } from './database.js';

/** Positions whose names begin so, by the rest of the name. */
export async function positionsOf(database: Database, prefix: string): Promise<Map<string, string>> {
  const { rows } = await database.query<{ name: string; position: string }>({
    text: 'select substr(name, length($1) + 1) as name, position from measured_positions where starts_with(name, $1)',
    values: [prefix],
  });
  return new Map(rows.map(({ name, position }) => [name, position]));
}

/** Two processes that measure the same may overwrite each other's: either position is true, the lower only costs more. */
export async function savePositions(
  database: Database,
  prefix: string,
  positions: ReadonlyMap<string, string>,
): Promise<void> {
  await database.query({
    text: `insert into measured_positions (name, position)
           select $1 || name, position from unnest($2::text[], $3::uuid[]) as new (name, position) order by 1
           on conflict (name) do update set position = excluded.position
           where measured_positions.position <> excluded.position`,
    values: [prefix, [...positions.keys()], [...positions.values()]],
  });
}

/**
 * Moves the position forward to `behindMs` ago, and returns what lies between, for this caller alone. Undefined when another
 * has it in hand. The first time there is nothing between.
 */
export async function advancePosition(
  transaction: Transaction,
  name: string,
  behindMs: number,
): Promise<{ readonly from: string; readonly to: string } | undefined> {
  await transaction.query({
    text: `insert into measured_positions (name, position)
           values ($1, uuid_v7_floor(now() - $2 * interval '1 millisecond')) on conflict do nothing`,
    values: [name, behindMs],
  });
  const { rows } = await transaction.query<{ from: string; to: string }>({
    text: `with before as (select position from measured_positions where name = $1 for update skip locked)
           update measured_positions set position = greatest(before.position, uuid_v7_floor(now() - $2 * interval '1 millisecond'))
           from before where name = $1 returning before.position as "from", measured_positions.position as "to"`,
    values: [name, behindMs],
  });
  return rows[0];
}
