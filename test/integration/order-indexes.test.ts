import { expect } from 'chai';
import { v7 } from 'uuid';
import { insertOrders, sealPersons } from '../../api/orders/order-rows.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { testKeyring } from '../support/keyring.js';
import { orderBody } from '../support/order-body.js';

/** Its id, and its persons. */
function newOrder() {
  const orderId = v7();
  return { orderId, persons: sealPersons(testKeyring, orderId, orderBody) };
}

describe('the indexes of orders', () => {
  let store: TestDatabase;

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());

  it('are not touched by the steps of an order', async () => {
    const orders = Array.from({ length: 40 }, (_, at) => ({
      ...newOrder(),
      storefrontId: v7(),
      request: { ...orderBody, reference: `web-${at}` },
      lines: [{ sku: 'mug', quantity: 1, unitPrice: 450 }],
      total: { amount: 450, currency: 'GBP' },
    }));
    await store.database.transaction((transaction) => insertOrders(transaction, orders, testKeyring));
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
