/** What the bench orders: the same every time. Pure. */

import type { PlannedStock } from '../../scripts/load/requests.js';
import type { OrderRequest } from '../../scripts/load/storefront.js';
import { shareOf } from '../../scripts/retail/digest.js';

export interface BenchOrder {
  readonly idempotencyKey: string;
  readonly request: OrderRequest;
}

/** Shelves, and the orders that are to be filled from them. */
export interface Workload {
  readonly stock: readonly PlannedStock[];
  /** So many, from the one of that number on: those of different numbers are different orders. */
  orders(count: number, first: number): Iterable<BenchOrder>;
}

/** Of the catalogue, where a scenario has no reason for another number. */
export const SKUS = 1000;
const PIECES_A_LINE = 3;

/** Orders of `lines` different SKUs that are wanted evenly; there is enough for so many orders. */
export const evenWorkload = (orders: number, lines: number): Workload => ({
  stock: benchStock(SKUS, orders, lines),
  orders: (count, first) => benchOrders(count, lines, SKUS, first),
});

/** Plenty of each, so that every order can be shipped. */
export function benchStock(skus: number, orders: number, lines: number): PlannedStock[] {
  const received = Math.min(1_000_000, orders * lines * PIECES_A_LINE);
  return Array.from({ length: skus }, (_, at) => ({ ...shelf(skuAt(at), received), price: 100 + at }));
}

/** So many pieces of an article at 1.00. */
export const shelf = (sku: string, received: number): PlannedStock => ({
  sku,
  name: `Article ${sku}`,
  price: 100,
  received,
  idempotencyKey: `stock-${sku}`,
  short: false,
});

/** Orders of `lines` different SKUs, drawn evenly from `skus`. Those of different numbers are different orders. */
export function* benchOrders(count: number, lines: number, skus: number, first = 0): Generator<BenchOrder> {
  for (let at = first; at < first + count; at++) yield benchOrder(at, benchLines(at, lines, skus));
}

export const benchOrder = (at: number, lines: OrderRequest['lines'], paymentToken = 'tok_ok'): BenchOrder => ({
  idempotencyKey: `bench-${at}`,
  request: {
    customer: { name: `Customer ${at}`, email: `customer-${at}@example.com` },
    shippingAddress: { line1: `${at} High Street`, city: 'London', postalCode: 'N1 1AA', country: 'GB' },
    lines,
    paymentToken,
    reference: `bench-${at}`,
  },
});

export function benchLines(order: number, lines: number, skus: number): OrderRequest['lines'] {
  const drawn = new Set<string>();
  for (let draw = 0; drawn.size < Math.min(lines, skus); draw++) {
    drawn.add(skuAt(Math.floor(shareOf(`${order} ${draw}`) * skus)));
  }
  return [...drawn].map((sku, at) => ({ sku, quantity: 1 + ((order + at) % PIECES_A_LINE) }));
}

const skuAt = (at: number): string => `BENCH-${String(at).padStart(5, '0')}`;
