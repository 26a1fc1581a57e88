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

export async function stockCatalogue(database: Database): Promise<void> {
  await putProduct(database, 'CUP', { name: 'Enamel cup', price: { amount: 850, currency: 'GBP' } });
  await putProduct(database, 'JUG', { name: 'Slipware jug', price: { amount: 3600, currency: 'GBP' } });
  await putProduct(database, 'HAT', { name: 'Felt hat', price: { amount: 4800, currency: 'EUR' } });
  await putProduct(database, 'CARD', { name: 'Free card', price: { amount: 0, currency: 'GBP' } });
  await putProduct(database, 'GOLD', { name: 'Gold', price: { amount: Number.MAX_SAFE_INTEGER, currency: 'GBP' } });
}
