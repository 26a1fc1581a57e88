/** What a storefront sends to place an order, and what it is told. */
import Type, { type Static } from '../../shared/messaging/typebox.js';
import { Quantity, Uuid } from '../../shared/messaging/vocabulary.js';
import { Country, Email, oneLine } from '../one-line-text.js';
import type { Fault } from '../problem.js';

export const LINES_AT_MOST = 1000;
/** As in OrderPlaced, per SKU. */
const PIECES_AT_MOST = 1_000_000;

const strict = { additionalProperties: false } as const;

/** A line as it is sent; several may name one SKU. */
const RequestedLine = Type.Object({ sku: oneLine(64), quantity: Quantity }, strict);

export const OrderRequest = Type.Object(
  {
    customer: Type.Object({ name: oneLine(200), email: Email }, strict),
    shippingAddress: Type.Object(
      {
        line1: oneLine(200),
        line2: Type.Optional(oneLine(200)),
        city: oneLine(100),
        region: Type.Optional(oneLine(100)),
        postalCode: oneLine(20),
        country: Country,
      },
      strict,
    ),
    lines: Type.Array(RequestedLine, { minItems: 1, maxItems: LINES_AT_MOST }),
    paymentToken: oneLine(255),
    reference: Type.Optional(oneLine(100)),
  },
  {
    ...strict,
    title: 'OrderRequest',
    examples: [
      {
        customer: { name: 'Ada', email: 'ada@example.com' },
        shippingAddress: { line1: '1 Main St', city: 'Hue', postalCode: '49000', country: 'VN' },
        lines: [
          { sku: 'MUG-BURROW', quantity: 2 },
          { sku: 'SOAP-OAT', quantity: 1 },
        ],
        paymentToken: 'tok_ok',
        reference: 'web-1001',
      },
    ],
  },
);
export type OrderRequest = Static<typeof OrderRequest>;

export const OrderReceived = Type.Object(
  { orderId: Uuid, status: Type.Literal('INITIATED'), message: Type.String() },
  {
    title: 'OrderReceived',
    description: 'The order is stored.',
    examples: [
      {
        orderId: '01a1fdae-bab7-75aa-9b14-fc707aeff401',
        status: 'INITIATED',
        message: 'Order received. Processing...',
      },
    ],
  },
);

/** What is ordered of one SKU. */
export interface WantedLine {
  readonly sku: string;
  readonly quantity: number;
  /** Index of the first line that named it, for faults. */
  readonly index: number;
}

/** One line a SKU: quantities of repeated SKUs are added up, at the place of the first. */
export function mergeLines(lines: OrderRequest['lines']): {
  readonly lines: readonly WantedLine[];
  readonly faults: readonly Fault[];
} {
  const merged = new Map<string, WantedLine>();
  const faults: Fault[] = [];
  for (const [index, { sku, quantity }] of lines.entries()) {
    const before = merged.get(sku);
    const sum = (before?.quantity ?? 0) + quantity;
    if (sum > PIECES_AT_MOST) {
      faults.push({ pointer: `/lines/${index}/quantity`, detail: `brings ${sku} above ${PIECES_AT_MOST} pieces` });
    }
    merged.set(sku, { sku, quantity: sum, index: before?.index ?? index });
  }
  return { lines: [...merged.values()], faults };
}
