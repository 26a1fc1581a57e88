/** Sets stock aside for orders, gives it back, and takes out what was shipped. */
import { v7 } from 'uuid';
import type { Transaction } from '../database.js';
import type { Steps } from '../delivery.js';
import type { Line } from '../messages.js';
import { missing } from '../reservation.js';

export const inventorySteps: Steps = {
  'orders.order-placed':
    ({ orderId, lines: priced }) =>
    async (transaction) => {
      // Stock is locked in the order of SKUs everywhere, or orders would wait for each other in a circle.
      const lines = priced.map(({ sku, quantity }) => ({ sku, quantity })).sort((a, b) => (a.sku < b.sku ? -1 : 1));
      const short = missing(lines, await lockStock(transaction, lines));
      const status = short.length > 0 ? 'failed' : 'reserved';
      const { rowCount } = await transaction.query({
        name: 'reservation-insert',
        text: 'insert into reservations (order_id, status) values ($1, $2) on conflict do nothing',
        values: [orderId, status],
      });
      // The order was cancelled before.
      if (rowCount === 0) return [];
      if (short.length > 0) {
        return [{ name: 'inventory.stock-reservation-failed', payload: { orderId, missing: short } }];
      }
      await move('reserved', orderId, lines, transaction);
      return [{ name: 'inventory.stock-reserved', payload: { orderId, lines } }];
    },

  'shipping.order-shipped':
    ({ orderId, lines }) =>
    async (transaction) => {
      if (await settle(transaction, orderId, 'shipped')) await move('shipped', orderId, lines, transaction);
      return [];
    },

  'orders.order-cancelled':
    ({ orderId, lines }) =>
    async (transaction) => {
      if (await settle(transaction, orderId, 'released')) {
        await move('released', orderId, lines, transaction);
        return [{ name: 'inventory.stock-released', payload: { orderId, lines } }];
      }
      // Keeps a later reservation from happening.
      const { rowCount } = await transaction.query({
        name: 'reservation-never',
        text: `insert into reservations (order_id, status) values ($1, 'released') on conflict do nothing`,
        values: [orderId],
      });
      return rowCount === 1 ? [{ name: 'inventory.stock-released', payload: { orderId, lines: [] } }] : [];
    },
};

async function lockStock(transaction: Transaction, lines: readonly Line[]): Promise<ReadonlyMap<string, number>> {
  const { rows } = await transaction.query<{ sku: string; on_hand: number }>({
    name: 'stock-lock',
    text: 'select sku, on_hand from stock where sku = any($1::text[]) order by sku for update',
    values: [lines.map(({ sku }) => sku)],
  });
  return new Map(rows.map(({ sku, on_hand }) => [sku, on_hand]));
}

/** True when the order's stock was reserved until now. */
async function settle(transaction: Transaction, orderId: string, status: 'shipped' | 'released'): Promise<boolean> {
  const { rowCount } = await transaction.query({
    name: 'reservation-settle',
    text: `update reservations set status = $2 where order_id = $1 and status = 'reserved'`,
    values: [orderId, status],
  });
  return rowCount === 1;
}

/** How stock on hand, reserved and shipped change with each piece. */
const MOVES = { reserved: [-1, 1, 0], released: [1, -1, 0], shipped: [0, -1, 1] } as const;

async function move(
  kind: keyof typeof MOVES,
  orderId: string,
  lines: readonly Line[],
  transaction: Transaction,
): Promise<void> {
  if (kind !== 'reserved') await lockStock(transaction, lines);
  const [onHand, reserved, shipped] = MOVES[kind];
  const skus = lines.map(({ sku }) => sku);
  const quantities = lines.map(({ quantity }) => quantity);
  await transaction.query({
    name: `stock-${kind}`,
    text: `update stock
           set on_hand = on_hand + quantity * ${onHand}, reserved = reserved + quantity * ${reserved},
             shipped = shipped + quantity * ${shipped}
           from unnest($1::text[], $2::bigint[]) as line (sku, quantity) where stock.sku = line.sku`,
    values: [skus, quantities],
  });
  await transaction.query({
    name: 'stock-movements-insert',
    text: `insert into stock_movements (id, sku, kind, quantity, order_id)
           select id, sku, $4, quantity, $5 from unnest($1::uuid[], $2::text[], $3::bigint[]) as line (id, sku, quantity)`,
    values: [lines.map(() => v7()), skus, quantities, kind, orderId],
  });
}
