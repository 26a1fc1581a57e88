/** What others say is about an order of ours, and is not. */
import type { Queryable } from './evidence.js';

/** Those of the ids that no order has. */
export async function notThere(database: Queryable, orderIds: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>({
    text: `select one.id from unnest($1::text[]) as one (id) left join orders on orders.id::text = one.id
           where orders.id is null order by one.id`,
    values: [orderIds],
  });
  return rows.map(({ id }) => id);
}
