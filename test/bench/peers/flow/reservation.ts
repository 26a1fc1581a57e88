/** Whether an order's lines can be set aside. Pure. */
import type { Line } from './messages.js';

/** SKUs of which too little is on hand; with none, all can be reserved. */
export const missing = (lines: readonly Line[], onHand: ReadonlyMap<string, number>): string[] =>
  lines.filter(({ sku, quantity }) => (onHand.get(sku) ?? 0) < quantity).map(({ sku }) => sku);
