/** Prices an order from the catalogue. Pure. */
import type { Money } from '../../shared/messaging/vocabulary.js';
import type { PricedLine } from '../../workers/orders/messages.js';
import { type Fault, Problem } from '../problem.js';
import type { WantedLine } from './order-request.js';

/** What the catalogue asks for one piece. */
export type Prices = ReadonlyMap<string, Money>;

export interface Priced {
  readonly lines: PricedLine[];
  readonly total: Money;
}

/** The order at today's prices, or why it has none. */
export function price(lines: readonly WantedLine[], prices: Prices): Priced | Problem {
  const unknown: Fault[] = [];
  const mixed: Fault[] = [];
  const priced: PricedLine[] = [];
  let currency: string | undefined;
  let total = 0;
  for (const { sku, quantity, index } of lines) {
    const unit = prices.get(sku);
    if (unit === undefined) {
      unknown.push({ pointer: `/lines/${index}/sku`, detail: `${sku} is not in the catalogue` });
      continue;
    }
    currency ??= unit.currency;
    if (unit.currency !== currency) {
      mixed.push({
        pointer: `/lines/${index}/sku`,
        detail: `${sku} is priced in ${unit.currency}, lines before it in ${currency}`,
      });
    }
    priced.push({ sku, quantity, unitPrice: unit.amount });
    // Past 2^53 the sum is no longer exact, but certainly still past it.
    total += unit.amount * quantity;
  }
  if (unknown.length > 0 || currency === undefined)
    return new Problem('order.unknown-sku', 'Order what GET /stock lists.', { faults: unknown });
  if (mixed.length > 0) return new Problem('order.mixed-currencies', 'Place one order a currency.', { faults: mixed });
  if (total < 1 || !Number.isSafeInteger(total)) {
    const detail = 'A total is at least 1 and below 2^53, in minor units of the currency.';
    return new Problem('order.total-out-of-range', detail, { faults: [{ pointer: '/lines', detail }] });
  }
  return { lines: priced, total: { amount: total, currency } };
}
