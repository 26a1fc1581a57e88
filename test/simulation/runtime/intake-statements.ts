/** The statements of the intake: `api/orders/idempotency-claims.ts`, `order-rows.ts`. */
import { stockId } from '../../../workers/inventory/stock.state.js';
import type { Statement } from './statement.js';

const KEYS = 'idempotency_keys';

export const intakeStatements: Readonly<Record<string, Statement>> = {
  // One transaction at a time: no key is locked by another.
  'idempotency-claim': ({ tables }, storefronts: string[], keys: string[], fingerprints: Buffer[], orders: string[]) =>
    storefronts.flatMap((storefront_id, index) => {
      const key = String(keys[index]);
      if (tables.get(KEYS, `${storefront_id} ${key}`) !== undefined) return [{ storefront_id, key, free: true }];
      const claim = { storefront_id, key, fingerprint: fingerprints[index], order_id: orders[index], refusal: null };
      tables.put(KEYS, `${storefront_id} ${key}`, claim);
      return [];
    }),
  'idempotency-holders': ({ tables }, storefronts: string[], keys: string[]) =>
    storefronts.flatMap((storefront, index) => tables.find(KEYS, `${storefront} ${keys[index]}`)),
  'idempotency-refuse': ({ tables }, storefronts: string[], keys: string[], refusals: string[]) =>
    storefronts.map((storefront, index) => {
      const refusal = JSON.parse(String(refusals[index]));
      tables.update(KEYS, `${storefront} ${keys[index]}`, { order_id: null, refusal });
      return { storefront };
    }),
  'products-price': ({ tables }, storefronts: string[], skus: string[]) =>
    skus.flatMap((sku, index) => tables.find('products', stockId(String(storefronts[index]), sku))),
  'orders-insert': ({ tables, now }, ids: string[], ...columns: unknown[][]) => {
    const [storefronts, references, customers, addresses, lines, totals, currencies, digests, keys] = columns;
    return ids.map((id, index) => {
      tables.put('order_keys', id, { order_id: id, sealed_key: keys?.[index] });
      const order = {
        id,
        storefront_id: storefronts?.[index],
        reference: references?.[index],
        customer: customers?.[index],
        shipping_address: addresses?.[index],
        lines: lines?.[index],
        total_amount: totals?.[index],
        currency: currencies?.[index],
        customer_digest: digests?.[index],
        persons_erased_at: null,
        status: 'INITIATED',
        stock: 'pending',
        payment: 'pending',
        shipment: 'none',
        cancel_reason: null,
        placed_at: now,
        version: 1,
      };
      tables.put('orders', id, order);
      return order;
    });
  },
  'orders-stored': ({ tables }, ids: string[]) => ids.flatMap((id) => tables.find('orders', id)),
  'order-keys-load': ({ tables }, ids: string[]) => ids.flatMap((id) => tables.find('order_keys', id)),
  'payments-insert': ({ tables }, ids: string[], amounts: number[], currencies: string[], tokens: string[]) =>
    ids.map((order_id, index) => {
      const payment = {
        order_id,
        amount: amounts[index],
        currency: currencies[index],
        token: null,
        sealed_token: tokens[index],
        status: 'requested',
        authorization_id: null,
        reason: null,
        version: 1,
      };
      tables.put('payments', order_id, payment);
      return payment;
    }),
};
