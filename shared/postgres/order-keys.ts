/** The keys under which orders keep who ordered and where it goes, themselves sealed by the keyring. */
import type { Rows, Statement } from './database.js';

/** By order id; an order whose persons were erased has none. */
export async function orderKeys(
  database: { query<R extends object>(statement: Statement): Promise<Rows<R>> },
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (orderIds.length === 0) return NONE;
  const { rows } = await database.query<{ order_id: string; sealed_key: string }>({
    name: 'order-keys-load',
    text: 'select order_id, sealed_key from order_keys where order_id = any($1::uuid[])',
    values: [[...new Set(orderIds)]],
  });
  return new Map(rows.map(({ order_id, sealed_key }) => [order_id, sealed_key]));
}

const NONE: ReadonlyMap<string, string> = new Map();
