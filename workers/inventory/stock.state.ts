/** What is remembered of stock and of what is set aside for orders. All quantities are in pieces. */
import { bigint, jsonb, keyedState, ledger, text, uuid, type Value } from '../../shared/actors/keyed-state.js';
import type { Line } from '../../shared/messaging/vocabulary.js';

/** By SKU. The sum of the three is what was ever received. */
export const StockLevels = keyedState('stock_levels', {
  key: { column: 'sku', type: 'text' },
  columns: { onHand: bigint(), reserved: bigint(), shipped: bigint() },
});
export type StockLevel = Value<typeof StockLevels>;

/** By order. `released` without lines says that the order was cancelled before its stock was reserved. */
export const Reservations = keyedState('reservations', {
  key: { column: 'order_id', type: 'uuid' },
  fixed: { lines: jsonb<readonly Line[]>() },
  columns: { status: text<'reserved' | 'failed' | 'released' | 'shipped'>() },
});
export type Reservation = Value<typeof Reservations>;

/** Every change of a stock level. */
export const StockMovements = ledger('stock_movements', {
  sku: text(),
  kind: text<'received' | 'reserved' | 'released' | 'shipped'>(),
  quantity: bigint(),
  orderId: uuid(),
});
