import { expect } from 'chai';
import { v7 } from 'uuid';
import { findOrders } from '../../api/orders/find-orders.js';
import { insertOrders, sealSecrets } from '../../api/orders/order-rows.js';
import type { Statement, Transaction } from '../../shared/postgres/database.js';
import { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { testKeyring } from '../support/keyring.js';
import { orderBody } from '../support/order-body.js';

/** Its id, and its secrets. */
function newOrder() {
  const orderId = v7();
  return { orderId, secrets: sealSecrets(testKeyring, orderId, orderBody) };
}

/** Of its plan, what PostgreSQL read of tables and indexes. */
interface Plan {
  readonly Plan: { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number };
}

describe('the indexes of orders', () => {
  let store: TestDatabase;

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());

  it('lead past what another storefront has, however much it has of the same customer and reference', async () => {
    const [few, many] = [v7(), v7()];
    const of = (storefrontId: string, count: number) =>
      Array.from({ length: count }, () => {
        const lines = [{ sku: 'mug', quantity: 1, unitPrice: 450 }];
        return {
          ...{ ...newOrder(), storefrontId, request: { ...orderBody, reference: 'web' } },
          ...{ lines, total: { amount: 450, currency: 'GBP' } },
        };
      });
    await store.database.transaction(async (transaction) => {
      await insertOrders(transaction, of(few, 3));
      await insertOrders(transaction, of(many, 2000));
    });
    await store.database.query({ text: 'analyze orders' });
    const own = new StorefrontRows(store.database).of(few);
    let blocks = 0;
    const explained: Transaction = {
      query: async <R extends object>(statement: Statement) => {
        const asked = { ...statement, text: `explain (analyze, buffers, format json) ${statement.text}` };
        const { rows } = await own.query<{ 'QUERY PLAN': [Plan] }>(asked);
        for (const {
          'QUERY PLAN': [{ Plan }],
        } of rows)
          blocks += Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks'];
        return own.query<R>(statement);
      },
    };
    const page = { limit: 20, before: undefined, looksAtMost: 4000 };
    const reading = { database: explained, keyring: testKeyring };
    for (const filter of [
      { reference: 'web' },
      { email: orderBody.customer.email },
      { reference: 'web', status: 'PAID' },
    ]) {
      blocks = 0;
      const { orders, more } = await findOrders(reading, { storefrontId: few, ...filter }, page);
      expect([orders.length, more], JSON.stringify(filter)).to.deep.equal(['status' in filter ? 0 : 3, undefined]);
      expect(blocks, JSON.stringify(filter)).to.be.within(1, 50);
    }
  });

  it('are not touched by the steps of an order', async () => {
    const orders = Array.from({ length: 40 }, (_, at) => ({
      ...newOrder(),
      storefrontId: v7(),
      request: { ...orderBody, reference: `web-${at}` },
      lines: [{ sku: 'mug', quantity: 1, unitPrice: 450 }],
      total: { amount: 450, currency: 'GBP' },
    }));
    await store.database.transaction((transaction) => insertOrders(transaction, orders));
    // Few of a page, so that it has room for what is new of them.
    const moved = orders.filter((_, at) => at % 10 === 0).map(({ orderId }) => orderId);
    await store.database.transaction(async (transaction) => {
      await transaction.query({
        text: `update orders set status = 'CONFIRMED', stock = 'reserved', payment = 'authorized', version = version + 1
               where id = any($1::uuid[])`,
        values: [moved],
      });
      const { rows } = await transaction.query({
        text: `select pg_stat_get_xact_tuples_updated('orders'::regclass) as updated,
                 pg_stat_get_xact_tuples_hot_updated('orders'::regclass) as hot`,
      });
      expect(rows).to.deep.equal([{ updated: moved.length, hot: moved.length }]);
    });
  });
});
