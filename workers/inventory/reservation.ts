/** How stock moves between on hand, reserved and shipped. */
import type { Line } from '../../shared/messaging/vocabulary.js';
import type { StockReservationFailed } from './messages.js';
import type { StockLevel } from './stock.state.js';

/** Lines for which there is too little on hand; with none, all can be reserved. A SKU that nobody received has 0. */
export function shortages(
  lines: readonly Line[],
  levelOf: (sku: string) => StockLevel | undefined,
): StockReservationFailed['shortages'] {
  return lines
    .map(({ sku, quantity }) => ({ sku, requested: quantity, available: levelOf(sku)?.onHand ?? 0 }))
    .filter(({ requested, available }) => available < requested);
}

type Move = (level: StockLevel, quantity: number) => StockLevel;

/** What becomes of a stock level, by what becomes of the reservation. */
export const MOVES: Readonly<Record<'reserved' | 'released' | 'shipped', Move>> = {
  reserved: ({ onHand, reserved, shipped }, quantity) => level(onHand - quantity, reserved + quantity, shipped),
  released: ({ onHand, reserved, shipped }, quantity) => level(onHand + quantity, reserved - quantity, shipped),
  shipped: ({ onHand, reserved, shipped }, quantity) => level(onHand, reserved - quantity, shipped + quantity),
};

/** @throws {RangeError} for less than nothing: stock that is not there was given away */
function level(onHand: number, reserved: number, shipped: number): StockLevel {
  if (onHand < 0 || reserved < 0) throw new RangeError(`stock would be ${onHand} on hand, ${reserved} reserved`);
  return { onHand, reserved, shipped };
}
