/** A request for an order of two products, and the products. */
import { putProduct } from '../../api/stock/put-stock.js';
import type { Database } from '../../shared/postgres/database.js';

/** A payment token to look for where it must not be. */
export const PLANTED_TOKEN = 'tok_planted_canary_4711';

export const orderBody = {
  customer: { name: 'Ada Lovelace', email: 'ada@example.com' },
  shippingAddress: { line1: '12 St James Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
  lines: [
    { sku: 'CUP', quantity: 2 },
    { sku: 'JUG', quantity: 1 },
  ],
  paymentToken: PLANTED_TOKEN,
};

/** SKU, price in minor units, currency. */
const CATALOGUE = [
  ['CUP', 850, 'GBP'],
  ['JUG', 3600, 'GBP'],
  ['HAT', 4800, 'EUR'],
  ['CARD', 0, 'GBP'],
  ['GOLD', Number.MAX_SAFE_INTEGER, 'GBP'],
] as const;

/** Puts the products, without pieces, into the catalogue of every storefront that there is. */
export async function stockCatalogue(database: Database): Promise<void> {
  const { rows } = await database.query<{ id: string }>({ text: 'select id from storefronts' });
  if (rows.length === 0) throw new RangeError('there is no storefront yet to have products');
  for (const { id: storefrontId } of rows) {
    for (const [sku, amount, currency] of CATALOGUE)
      await putProduct(database, { storefrontId, sku }, { name: sku, price: { amount, currency } });
  }
}
