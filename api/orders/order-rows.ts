/** The rows of new orders, and the prices they are made with: one statement for a whole batch. */
import type { Money, Sealed } from '../../shared/messaging/vocabulary.js';
import type { Transaction } from '../../shared/postgres/database.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import { Persons } from '../../shared/secrets/persons.js';
import type { OrderRequest } from './order-request.js';
import type { Priced, Prices } from './pricing.js';

export interface NewOrder extends Priced {
  readonly orderId: string;
  readonly storefrontId: string;
  readonly request: OrderRequest;
  readonly secrets: Secrets;
}

/** Who ordered, where it goes and how it is paid for, as the order, its messages and its payment have it. */
export interface Secrets {
  readonly sealedKey: string;
  readonly customer: Sealed;
  readonly shippingAddress: Sealed;
  /** What the order is found by. */
  readonly customerDigest: string;
  readonly sealedToken: string;
}

export function sealSecrets(
  keyring: Keyring,
  orderId: string,
  { customer, shippingAddress, paymentToken }: OrderRequest,
): Secrets {
  const { persons, sealedKey } = Persons.begin(keyring, orderId);
  return {
    sealedKey,
    customer: persons.seal('customer', customer),
    shippingAddress: persons.seal('shipping-address', shippingAddress),
    customerDigest: keyring.customerDigest(customer.email),
    sealedToken: keyring.seal('payment-token', orderId, paymentToken),
  };
}

/** Prices of what the orders want, as the catalogue of each storefront has them. */
export async function pricesOf(
  transaction: Transaction,
  orders: readonly { readonly storefrontId: string; readonly lines: readonly { readonly sku: string }[] }[],
): Promise<(storefrontId: string) => Prices> {
  const prices = new Map<string, Map<string, Money>>();
  const storefronts: string[] = [];
  const skus: string[] = [];
  for (const [storefrontId, wanted] of wantedOf(orders)) {
    prices.set(storefrontId, new Map());
    for (const sku of wanted) {
      storefronts.push(storefrontId);
      skus.push(sku);
    }
  }
  const { rows } = await transaction.query<ProductPrice>({
    name: 'products-price',
    text: `select storefront_id, sku, price_amount, currency
           from unnest($1::uuid[], $2::text[]) as wanted (storefront_id, sku) join products using (storefront_id, sku)`,
    values: [storefronts, skus],
  });
  for (const { storefront_id, sku, price_amount, currency } of rows)
    prices.get(storefront_id)?.set(sku, { amount: price_amount, currency });
  return (storefrontId) => prices.get(storefrontId) ?? new Map();
}

interface ProductPrice {
  readonly storefront_id: string;
  readonly sku: string;
  readonly price_amount: number;
  readonly currency: string;
}

/** SKUs by storefront, each once. */
function wantedOf(orders: Parameters<typeof pricesOf>[1]): ReadonlyMap<string, ReadonlySet<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { storefrontId, lines } of orders) {
    const skus = wanted.get(storefrontId) ?? new Set();
    wanted.set(storefrontId, skus);
    for (const { sku } of lines) skus.add(sku);
  }
  return wanted;
}

/** Stores orders where the saga and payment begin; the payment tokens stand nowhere else, and sealed. The keys of their persons are theirs alone. */
export async function insertOrders(transaction: Transaction, orders: readonly NewOrder[]): Promise<void> {
  if (orders.length === 0) return;
  const ids = orders.map(({ orderId }) => orderId);
  const amounts = orders.map(({ total }) => total.amount);
  const currencies = orders.map(({ total }) => total.currency);
  const ordersStored = transaction.query({
    name: 'orders-insert',
    text: `with keyed as (insert into order_keys (order_id, sealed_key) select * from unnest($1::uuid[], $10::text[]))
           insert into orders (id, storefront_id, reference, customer, shipping_address, lines, total_amount, currency,
             customer_digest, status, stock, payment, shipment, version)
           select *, 'INITIATED', 'pending', 'pending', 'none', 1
           from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[], $5::jsonb[], $6::jsonb[], $7::bigint[], $8::text[], $9::text[])`,
    values: [
      ids,
      orders.map(({ storefrontId }) => storefrontId),
      orders.map(({ request }) => request.reference ?? null),
      orders.map(({ secrets }) => JSON.stringify(secrets.customer)),
      orders.map(({ secrets }) => JSON.stringify(secrets.shippingAddress)),
      orders.map(({ lines }) => JSON.stringify(lines)),
      amounts,
      currencies,
      orders.map(({ secrets }) => secrets.customerDigest),
      orders.map(({ secrets }) => secrets.sealedKey),
    ],
  });
  const paymentsStored = transaction.query({
    name: 'payments-insert',
    text: `insert into payments (order_id, amount, currency, sealed_token, status, version)
           select *, 'requested', 1 from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[])`,
    values: [ids, amounts, currencies, orders.map(({ secrets }) => secrets.sealedToken)],
  });
  await Promise.all([ordersStored, paymentsStored]);
}
