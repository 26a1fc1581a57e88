/** Stores an order in one transaction: idempotency key, prices, order, lines, payment, event log and outbox. */
import type { Pool } from 'pg';
import { v7 } from 'uuid';
import { inTransaction, type Transaction } from './database.js';
import type { Line, Message } from './messages.js';
import { newMessage } from './messages.js';
import { fingerprintOf, mergeLines, type OrderRequest, type Price, price } from './order-request.js';
import { store } from './outbox.js';

export type Placed =
  | { readonly kind: 'placed'; readonly orderId: string; readonly message: Message }
  | { readonly kind: 'replayed'; readonly orderId: string }
  | { readonly kind: 'key-reused' | 'unknown-product' };

/** Not stored: what the transaction wrote is taken back. */
class Refused extends Error {}

export async function place(
  pool: Pool,
  storefrontId: string,
  idempotencyKey: string,
  request: OrderRequest,
): Promise<Placed> {
  const orderId = v7();
  const fingerprint = fingerprintOf(request);
  try {
    return await inTransaction<Placed>(pool, async (transaction) => {
      const { rowCount } = await transaction.query({
        name: 'idempotency-claim',
        text: `insert into idempotency_keys (storefront_id, key, fingerprint, order_id) values ($1, $2, $3, $4)
               on conflict do nothing`,
        values: [storefrontId, idempotencyKey, fingerprint, orderId],
      });
      if (rowCount === 0) return repeated(transaction, storefrontId, idempotencyKey, fingerprint);
      const lines = mergeLines(request.lines);
      const priced = price(lines, await pricesOf(transaction, lines));
      if (priced === undefined) throw new Refused();
      await insertOrder(transaction, orderId, storefrontId, request, priced);
      const { customer, shippingAddress } = request;
      const message = newMessage(
        { name: 'orders.order-placed', payload: { orderId, customer, shippingAddress, ...priced } },
        null,
      );
      await store(transaction, [message], 'web');
      return { kind: 'placed', orderId, message };
    });
  } catch (error) {
    if (error instanceof Refused) return { kind: 'unknown-product' };
    throw error;
  }
}

async function repeated(
  transaction: Transaction,
  storefrontId: string,
  key: string,
  fingerprint: Buffer,
): Promise<Placed> {
  const { rows } = await transaction.query<{ order_id: string; fingerprint: Buffer }>({
    name: 'idempotency-holder',
    text: 'select order_id, fingerprint from idempotency_keys where storefront_id = $1 and key = $2',
    values: [storefrontId, key],
  });
  const holder = rows[0];
  if (holder === undefined || !holder.fingerprint.equals(fingerprint)) return { kind: 'key-reused' };
  return { kind: 'replayed', orderId: holder.order_id };
}

async function pricesOf(transaction: Transaction, lines: readonly Line[]): Promise<ReadonlyMap<string, Price>> {
  const { rows } = await transaction.query<{ sku: string; amount: number; currency: string }>({
    name: 'products-price',
    text: 'select sku, price_amount as amount, currency from products where sku = any($1::text[])',
    values: [lines.map(({ sku }) => sku)],
  });
  return new Map(rows.map(({ sku, amount, currency }) => [sku, { amount, currency }]));
}

async function insertOrder(
  transaction: Transaction,
  orderId: string,
  storefrontId: string,
  { reference, customer, shippingAddress, paymentToken }: OrderRequest,
  { lines, total }: NonNullable<ReturnType<typeof price>>,
): Promise<void> {
  await transaction.query({
    name: 'order-insert',
    text: `insert into orders (id, storefront_id, reference, customer, shipping_address, total_amount, currency, status)
           values ($1, $2, $3, $4, $5, $6, $7, 'INITIATED')`,
    values: [
      orderId,
      storefrontId,
      reference,
      JSON.stringify(customer),
      JSON.stringify(shippingAddress),
      total.amount,
      total.currency,
    ],
  });
  await transaction.query({
    name: 'order-lines-insert',
    text: `insert into order_lines (order_id, sku, quantity, unit_price)
           select $1, * from unnest($2::text[], $3::int[], $4::bigint[])`,
    values: [
      orderId,
      lines.map(({ sku }) => sku),
      lines.map(({ quantity }) => quantity),
      lines.map(({ unitPrice }) => unitPrice),
    ],
  });
  await transaction.query({
    name: 'payment-insert',
    text: `insert into payments (order_id, status, amount, currency, token) values ($1, 'requested', $2, $3, $4)`,
    values: [orderId, total.amount, total.currency, paymentToken],
  });
}
