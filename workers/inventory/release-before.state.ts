/**
 * What inventory from before stock was a storefront's asks for until it is replaced; goes with the triggers that refuse it
 * (to be dropped: 20261122117000).
 */
import { bigint, keyedState } from '../../shared/actors/keyed-state.js';

/**
 * Levels by SKU. A role that might not look at them so would be told that it may not, and old processes would make dead letters of
 * their messages; as it is, they come to the triggers, which have them wait.
 * @public For what inventory's role may do, which follows from it.
 */
export const StockLevelsBySku = keyedState('stock_levels', {
  key: { column: 'sku', type: 'text' },
  columns: { onHand: bigint(), reserved: bigint(), shipped: bigint() },
});
