import { expect } from 'chai';
import { createOperator } from '../../api/operators/operator.js';
import { putProduct } from '../../api/stock/put-stock.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { fuzzHttp } from '../fuzz/fuzz-http.js';
import { fuzzMessages } from '../fuzz/fuzz-messages.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Deployment } from '../support/deployment.js';
import { TestIntake } from '../support/intake.js';
import { stockCatalogue } from '../support/order-body.js';
import { documents } from '../support/reference/documents.js';

const SEED = 20_261_122;
const REQUESTS = 500;
const MESSAGES = 250;

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
    intake = await TestIntake.start(
      {
        databaseUrl: store.url,
        // Saved, and never asked: no worker runs.
        webhookTargets: { resolve: async () => [{ address: '93.184.216.34', family: 4 }], allowInside: false },
      },
      key,
    );
  });
  after(async () => {
    await intake.close();
    await store.close();
  });

  it('are refused as problems that tell nothing of what is behind them, and leave no row', async () => {
    const count = async (table: string): Promise<number> =>
      (await store.database.query<{ n: number }>({ text: `select count(*)::int as n from ${table}` })).rows[0]?.n ?? -1;
    const products = await count('products');
    const operator = await createOperator(store.database, { name: 'ada', role: 'viewer' });
    const seen = await fuzzHttp({
      documents: await documents(),
      url: intake.url,
      keys: { storefront: intake.key, operator: operator?.key ?? '' },
      requests: REQUESTS,
      seed: SEED,
    });
    expect(seen.faults).to.deep.equal([]);
    expect([...seen.counts.values()].reduce((sum, n) => sum + n, 0)).to.equal(REQUESTS);
    expect(seen.orders.size, 'some are good enough').to.be.greaterThan(0);
    expect([await count('orders'), await count('event_log')]).to.deep.equal([seen.orders.size, seen.orders.size]);
    expect([await count('products'), await count('stock_receipts'), await count('webhook_endpoints')]).to.deep.equal([
      products + seen.products,
      seen.receipts,
      seen.endpoints,
    ]);
  });
});

describe('hostile messages', function () {
  this.timeout(180_000);
  let fleet: Deployment;

  before(async () => {
    fleet = await Deployment.start();
  });
  after(() => fleet.stop());

  it('each come to an end that says why, and keep no process and no order from coming to its own', async () => {
    const known = await documents();
    const seen = await fuzzMessages({
      documents: known,
      fleet,
      messages: MESSAGES,
      seed: SEED,
      ordersEach: 2,
      withoutBroker: true,
    });
    expect(seen.faults).to.deep.equal([]);
    const kinds = new Set([...seen.counts.keys()].map((what) => what.slice(0, what.indexOf(':'))));
    expect(kinds, 'all kinds were among them').to.have.property('size').that.is.greaterThan(12);
    expect(seen.discarded, 'some stood in the way of orders').to.be.greaterThan(0);
  });
});
