/** What is remembered of stock and of what is set aside for orders. All quantities are in pieces. */
import {
  bigint,
  jsonb,
  keyedState,
  ledger,
  nullable,
  text,
  uuid,
  type Value,
} from '../../shared/actors/keyed-state.js';
import type { Line } from '../../shared/messaging/vocabulary.js';

/**
 * By storefront and SKU (`stockId`). The sum of the three is what the storefront ever received. Rows are made with their
 * products by the intake, and never here: stock that nobody received cannot be moved.
 */
export const StockLevels = keyedState('stock_levels', {
  key: { column: 'id', type: 'text' },
  columns: { onHand: bigint(), reserved: bigint(), shipped: bigint() },
});
export type StockLevel = Value<typeof StockLevels>;

/** As the database computes it of the columns beside it. */
export const stockId = (storefrontId: string, sku: string): string => `${storefrontId}/${sku}`;

/**
 * By order. `released` without lines says that the order was cancelled before its stock was reserved; by a message of an earlier
 * release it may be nobody's.
 */
export const Reservations = keyedState('reservations', {
  key: { column: 'order_id', type: 'uuid' },
  fixed: { storefrontId: nullable(uuid()), lines: jsonb<readonly Line[]>() },
  columns: { status: text<'reserved' | 'failed' | 'released' | 'shipped'>() },
});
export type Reservation = Value<typeof Reservations>;

/** Every change of a stock level. */
export const StockMovements = ledger('stock_movements', {
  storefrontId: uuid(),
  sku: text(),
  kind: text<'received' | 'reserved' | 'released' | 'shipped'>(),
  quantity: bigint(),
  orderId: uuid(),
});
