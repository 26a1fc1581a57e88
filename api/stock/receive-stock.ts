/** `POST /stock/{sku}/receipts`: books pieces that came in, once per idempotency key. */
import { v7 } from 'uuid';
import Type from '../../shared/messaging/typebox.js';
import { Quantity } from '../../shared/messaging/vocabulary.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { databaseFailure } from '../../shared/postgres/failure.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { fingerprintOf } from '../fingerprint.js';
import { idempotencyKeyOf } from '../idempotency-key.js';
import { oneLine } from '../one-line-text.js';
import { Problem } from '../problem.js';
import { storefrontOf } from '../storefronts/authentication.js';
import type { App } from '../type-provider.js';
import { SkuPath, StockItem, stockNotFound } from './stock-item.js';

const ReceiptRequest = Type.Object(
  { quantity: Quantity, reference: Type.Optional(oneLine(100)) },
  { additionalProperties: false, title: 'Receipt', examples: [{ quantity: 120, reference: 'delivery 2041' }] },
);

export interface Receipt extends Type.Static<typeof ReceiptRequest> {
  readonly sku: string;
  readonly storefrontId: string;
  readonly idempotencyKey: string;
}

export function receiveStockRoute(app: App, rows: StorefrontRows): void {
  app.post(
    '/stock/:sku/receipts',
    {
      config: { scope: 'stock:write' },
      schema: {
        summary: 'Book pieces that came in',
        takes: ['Idempotency-Key'],
        params: SkuPath,
        body: ReceiptRequest,
        response: { 201: StockItem },
        gives: { 201: ['Idempotency-Replayed'] },
        problems: ['stock.not-found'],
      },
    },
    async (request, reply) => {
      const { body } = request;
      const { sku } = request.params;
      const storefrontId = storefrontOf(request);
      const idempotencyKey = idempotencyKeyOf(request);
      if (sku.includes('\u0000')) throw stockNotFound(sku);
      const { item, replayed } = await receive(rows.of(storefrontId), { ...body, sku, storefrontId, idempotencyKey });
      request.log.debug({ storefront: storefrontId, sku, quantity: body.quantity, replayed }, 'stock received');
      if (replayed) reply.header('idempotency-replayed', 'true');
      reply.code(201);
      return item;
    },
  );
}

/**
 * Books the receipt, or returns what it came to when it was booked before.
 * @throws {Problem} `stock.not-found`, `request.idempotency-key-reused`
 */
export async function receive(
  database: Transaction,
  receipt: Receipt,
): Promise<{ readonly item: StockItem; readonly replayed: boolean }> {
  const { sku, quantity, reference, storefrontId, idempotencyKey } = receipt;
  const fingerprint = fingerprintOf({ sku, quantity, reference });
  const before = await bookedBefore(database, receipt, fingerprint);
  if (before !== undefined) return { item: before, replayed: true };
  try {
    const { rows } = await database.query<{ answer: StockItem }>({
      name: 'stock-receive',
      text: RECEIVE,
      values: [sku, quantity, v7(), reference ?? null, storefrontId, idempotencyKey, fingerprint],
    });
    const item = rows[0]?.answer;
    if (item === undefined) throw stockNotFound(sku);
    return { item, replayed: false };
  } catch (error) {
    // Another request with this key was faster; nothing of this one was booked.
    const booked =
      databaseFailure(error) === 'conflict' ? await bookedBefore(database, receipt, fingerprint) : undefined;
    if (booked === undefined) throw error;
    return { item: booked, replayed: true };
  }
}

/** All in one statement, and so in one transaction: a key that is taken undoes the rest. */
const RECEIVE = `
  with level as (
    update stock_levels as stored set on_hand = on_hand + $2, version = version + 1
    from products
    where stored.storefront_id = $5 and stored.sku = $1 and products.storefront_id = $5 and products.sku = $1
    returning jsonb_build_object(
      'sku', products.sku, 'name', products.name,
      'price', jsonb_build_object('amount', products.price_amount, 'currency', products.currency),
      'onHand', on_hand, 'reserved', reserved, 'shipped', shipped) as answer
  ), movement as (
    insert into stock_movements (id, storefront_id, sku, kind, quantity, reference)
    select $3, $5, $1, 'received', $2, $4 from level
  )
  insert into stock_receipts (storefront_id, key, fingerprint, movement_id, answer)
  select $5, $6, $7, $3, level.answer from level returning answer`;

async function bookedBefore(
  database: Transaction,
  { storefrontId, idempotencyKey }: Receipt,
  fingerprint: Buffer,
): Promise<StockItem | undefined> {
  const { rows } = await database.query<{ fingerprint: Buffer; answer: StockItem }>({
    name: 'stock-received-before',
    text: 'select fingerprint, answer from stock_receipts where storefront_id = $1 and key = $2',
    values: [storefrontId, idempotencyKey],
  });
  const booked = rows[0];
  if (booked === undefined) return undefined;
  if (booked.fingerprint.equals(fingerprint)) return booked.answer;
  throw new Problem(
    'request.idempotency-key-reused',
    'The key belongs to another receipt. Repeat that one, or use a new key for this one.',
  );
}
