import { expect } from 'chai';
import { putProduct } from '../../api/stock/put-stock.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { fuzzHttp } from '../fuzz/fuzz-http.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { TestIntake } from '../support/intake.js';
import { stockCatalogue } from '../support/order-body.js';
import { documents } from '../support/reference/documents.js';

const SEED = 20_261_122;
const REQUESTS = 500;

describe('hostile requests', function () {
  this.timeout(120_000);
  let store: TestDatabase;
  let intake: TestIntake;

  before(async () => {
    store = await createDatabase();
    const { id: storefrontId, key } = await createStorefront(store.database, 'Shop');
    await stockCatalogue(store.database);
    // What the example of the reference orders.
    for (const sku of ['MUG-BURROW', 'SOAP-OAT'])
      await putProduct(store.database, { storefrontId, sku }, { name: sku, price: { amount: 950, currency: 'GBP' } });
    intake = await TestIntake.start({ databaseUrl: store.url }, key);
  });
  after(async () => {
    await intake.close();
    await store.close();
  });

  it('are refused as problems that tell nothing of what is behind them, and leave no row', async () => {
    const count = async (table: string): Promise<number> =>
      (await store.database.query<{ n: number }>({ text: `select count(*)::int as n from ${table}` })).rows[0]?.n ?? -1;
    const products = await count('products');
    const { url, key } = intake;
    const seen = await fuzzHttp({ documents: await documents(), url, key, requests: REQUESTS, seed: SEED });
    expect(seen.faults).to.deep.equal([]);
    expect([...seen.counts.values()].reduce((sum, n) => sum + n, 0)).to.equal(REQUESTS);
    expect(seen.orders.size, 'some are good enough').to.be.greaterThan(0);
    expect([await count('orders'), await count('event_log')]).to.deep.equal([seen.orders.size, seen.orders.size]);
    expect([await count('products'), await count('stock_receipts')]).to.deep.equal([
      products + seen.products,
      seen.receipts,
    ]);
  });
});
