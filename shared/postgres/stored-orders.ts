import type { Rows, Statement } from './database.js';

/** Those of the orders that the intake has stored, by id. */
export async function storedOrders(
  database: { query<R extends object>(statement: Statement): Promise<Rows<R>> },
  orderIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ id: string }>({
    name: 'orders-stored',
    text: 'select id from orders where id = any($1::uuid[])',
    values: [orderIds],
  });
  return new Set(rows.map(({ id }) => id));
}
