/** What a storefront sends to place an order, and what its content comes to. Pure. */
import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import type { Line, PricedLine } from './messages.js';

const LINES_AT_MOST = 1000;
const strict = { additionalProperties: false } as const;
const text = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });

export const OrderRequest = Type.Object(
  {
    customer: Type.Object(
      { name: text(200), email: Type.String({ maxLength: 254, pattern: '^[^\\s<>@]+@[^\\s<>@]+$' }) },
      strict,
    ),
    shippingAddress: Type.Object(
      {
        line1: text(200),
        line2: Type.Optional(text(200)),
        city: text(100),
        region: Type.Optional(text(100)),
        postalCode: text(20),
        country: Type.String({ pattern: '^[A-Z]{2}$' }),
      },
      strict,
    ),
    lines: Type.Array(
      Type.Object({ sku: text(64), quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }, strict),
      { minItems: 1, maxItems: LINES_AT_MOST },
    ),
    paymentToken: text(255),
    reference: Type.Optional(text(100)),
  },
  strict,
);
export type OrderRequest = Static<typeof OrderRequest>;

/** One line a SKU: quantities of repeated SKUs are added up. */
export function mergeLines(lines: OrderRequest['lines']): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

export interface Price {
  readonly amount: number;
  readonly currency: string;
}

/** Undefined where the catalogue lacks a SKU, or has two currencies. */
export function price(
  lines: readonly Line[],
  prices: ReadonlyMap<string, Price>,
): { readonly lines: PricedLine[]; readonly total: Price } | undefined {
  const priced: PricedLine[] = [];
  let amount = 0;
  const currency = prices.get(lines[0]?.sku ?? '')?.currency;
  for (const { sku, quantity } of lines) {
    const unit = prices.get(sku);
    if (unit === undefined || unit.currency !== currency) return undefined;
    priced.push({ sku, quantity, unitPrice: unit.amount });
    amount += quantity * unit.amount;
  }
  return currency === undefined ? undefined : { lines: priced, total: { amount, currency } };
}

/** Tells whether two requests ask for the same. */
export const fingerprintOf = (request: OrderRequest): Buffer =>
  createHash('sha256').update(JSON.stringify(request)).digest();
