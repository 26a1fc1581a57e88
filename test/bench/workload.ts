/** What the bench orders: the same every time. Pure. */

import type { PlannedStock } from '../../scripts/load/requests.js';
import type { OrderRequest } from '../../scripts/load/storefront.js';
import { shareOf } from '../../scripts/retail/digest.js';

export interface BenchOrder {
  readonly idempotencyKey: string;
  readonly request: OrderRequest;
}

const PIECES_A_LINE = 3;

/** Plenty of each, so that every order can be shipped. */
export function benchStock(skus: number, orders: number, lines: number): PlannedStock[] {
  return Array.from({ length: skus }, (_, at) => ({
    sku: skuAt(at),
    name: `Article ${at}`,
    price: 100 + at,
    received: Math.min(1_000_000, orders * lines * PIECES_A_LINE),
    idempotencyKey: `stock-${at}`,
    short: false,
  }));
}

/** Orders of `lines` different SKUs, drawn evenly from `skus`. Those of different numbers are different orders. */
export function* benchOrders(count: number, lines: number, skus: number, first = 0): Generator<BenchOrder> {
  for (let at = first; at < first + count; at++) {
    yield {
      idempotencyKey: `bench-${at}`,
      request: {
        customer: { name: `Customer ${at}`, email: `customer-${at}@example.com` },
        shippingAddress: { line1: `${at} High Street`, city: 'London', postalCode: 'N1 1AA', country: 'GB' },
        lines: benchLines(at, lines, skus),
        paymentToken: 'tok_ok',
        reference: `bench-${at}`,
      },
    };
  }
}

function benchLines(order: number, lines: number, skus: number): OrderRequest['lines'] {
  const drawn = new Set<string>();
  for (let draw = 0; drawn.size < Math.min(lines, skus); draw++) {
    drawn.add(skuAt(Math.floor(shareOf(`${order} ${draw}`) * skus)));
  }
  return [...drawn].map((sku, at) => ({ sku, quantity: 1 + ((order + at) % PIECES_A_LINE) }));
}

const skuAt = (at: number): string => `BENCH-${String(at).padStart(5, '0')}`;
