import { expect } from 'chai';
import { v7 } from 'uuid';
import { claimKeys } from '../../api/orders/idempotency-claims.js';
import { insertOrders, pricesOf, sealSecrets } from '../../api/orders/order-rows.js';
import { mailsAbout } from '../../audit/dossier.js';
import type { Transaction } from '../../shared/postgres/database.js';
import { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { testKeyring } from '../support/keyring.js';
import { orderBody } from '../support/order-body.js';

/** Rows that belong to a storefront, by their table and what tells whose. */
const OWN = {
  orders: 'id',
  idempotency_keys: 'order_id',
  stock_receipts: 'movement_id',
  stock_movements: 'id',
  stock_levels: 'sku::uuid',
  products: 'sku::uuid',
  webhook_endpoints: 'id',
  webhook_deliveries: 'id',
};
const OF_AN_ORDER = {
  payments: 'order_id',
  reservations: 'order_id',
  shipments: 'order_id',
  emails: "split_part(id, ':', 1)::uuid",
  event_log: 'correlation_id',
  order_keys: 'order_id',
};
const ALL = Object.entries({ ...OWN, ...OF_AN_ORDER });

describe('row-level security', () => {
  const [one, other] = [v7(), v7()];
  const [ours, theirs] = [v7(), v7()];
  let store: TestDatabase;
  let rows: StorefrontRows;

  before(async () => {
    store = await createDatabase();
    rows = new StorefrontRows(store.database);
  });
  after(() => store.close());
  beforeEach(async () => {
    await emptyTables(store.database);
    await fill(store.database, [
      { storefrontId: one, orderId: ours },
      { storefrontId: other, orderId: theirs },
    ]);
  });

  /** What a statement that forgot to say whose rows it means finds, in every table. */
  const found = async (database: Transaction) => {
    const ids: Record<string, unknown> = {};
    for (const [table, id] of ALL) {
      const answer = await database.query<{ id: string }>({ text: `select ${id} as id from ${table} order by 1` });
      ids[table] = answer.rows.map((row) => row.id);
    }
    return ids;
  };
  const everywhere = (ids: readonly string[]) => Object.fromEntries(ALL.map(([table]) => [table, ids]));

  it('hides the rows of another storefront from a statement that does not say whose it means', async () => {
    expect(await found(rows.of(one))).to.deep.equal(everywhere([ours]));
    expect(await found(rows.of(other))).to.deep.equal(everywhere([theirs]));
    expect(await found(rows.of(one, other))).to.deep.equal(everywhere([ours, theirs]));
    expect(await found(rows.of()), 'for nobody').to.deep.equal(everywhere([]));
  });

  it('is what hides them: the same statement finds them where it is off, and for Warren itself', async () => {
    expect(await found(store.database)).to.deep.equal(everywhere([ours, theirs]));
    for (const [table] of ALL) await store.database.query({ text: `alter table ${table} no force row level security` });
    try {
      expect(await found(rows.of(one))).to.deep.equal(everywhere([ours, theirs]));
    } finally {
      for (const [table] of ALL) await store.database.query({ text: `alter table ${table} force row level security` });
    }
  });

  it('ends with the transaction, and what follows on the connection sees all again', async () => {
    const single = rows.of(one);
    for (let at = 0; at < 4; at += 1) await single.query({ text: 'select from orders' });
    const failed = await single.query({ text: 'select from nowhere' }).catch((error: unknown) => String(error));
    expect(failed).to.include('nowhere');
    for (let at = 0; at < 4; at += 1) {
      expect((await store.database.query({ text: 'select from orders' })).rowCount).to.equal(2);
    }
  });

  it('keeps a storefront from changing, deleting and making rows of another', async () => {
    for (const [table] of Object.entries(OWN)) {
      const changed = await rows.of(one).query({ text: `update ${table} set storefront_id = storefront_id` });
      expect(changed.rowCount, table).to.equal(1);
    }
    for (const table of Object.keys(OF_AN_ORDER)) {
      expect((await rows.of(one).query({ text: `delete from ${table}` })).rowCount, table).to.equal(0);
    }
    const given = await refusalOf(rows.of(one).query({ text: `update orders set storefront_id = '${other}'` }));
    expect(given).to.include('row-level security');
    const forged = { storefrontId: other, idempotencyKey: 'forged', fingerprint: Buffer.of(1), orderId: v7() };
    const claimed = await refusalOf(rows.of(one).transaction((transaction) => claimKeys(transaction, [forged])));
    expect(claimed).to.include('row-level security');
    const deleted = await rows.of(one).query({ text: 'delete from idempotency_keys' });
    expect(deleted.rowCount).to.equal(1);
    const { rows: left } = await store.database.query({ text: 'select key from idempotency_keys' });
    expect(left).to.deep.equal([{ key: 'key' }]);
  });

  it('bites the role that owns the tables, on every table that names a storefront or belongs to an order', async () => {
    const { rows: roles } = await store.database.query({
      text: 'select rolsuper, rolbypassrls from pg_roles where rolname = current_user',
    });
    expect(roles).to.deep.equal([{ rolsuper: false, rolbypassrls: false }]);
    const { rows: tables } = await store.database.query<{ name: string; secured: boolean }>({
      text: `select relname as name, relrowsecurity and relforcerowsecurity as secured from pg_class
             where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname = any($1::text[])`,
      values: [ALL.map(([table]) => table)],
    });
    expect(tables).to.have.length(ALL.length);
    expect(tables.filter(({ secured }) => !secured)).to.deep.equal([]);
  });

  it('leaves the intake the index by which it prices orders, of one storefront and of several', async () => {
    const orders = [one, other].map((storefrontId) => ({ storefrontId, lines: [{ sku: 'CUP' }, { sku: 'JUG' }] }));
    for (const some of [orders.slice(0, 1), orders]) {
      const plan = await rows.of(...some.map(({ storefrontId }) => storefrontId)).transaction(async (transaction) => {
        await transaction.query({ text: 'set local enable_seqscan = off' });
        return planOf(transaction, (database) => pricesOf(database, some));
      });
      expect(plan)
        .to.include('using products_pkey')
        .and.to.match(/Index Cond: .*storefront_id = .*sku = /);
    }
  });

  it('leaves the audit the index by which it finds mails', async () => {
    await store.database.query({
      text: `insert into emails (id, version, recipient, message_id, sent_at)
             select gen_random_uuid() || ':confirmed', 1, 'sealed', 'm', now() from generate_series(1, 20000)`,
    });
    await store.database.query({ text: 'analyze emails' });
    const ids = Array.from({ length: 200 }, () => v7());
    const plan = await planOf(store.database, (database) => mailsAbout(database, ids));
    expect(plan).to.match(/Index Cond: \(\(id >= first.key\) AND \(id < first.past\)\)/);
  });

  it('leaves the indexes by which operators find orders in use', async () => {
    await store.database.transaction(async (transaction) => {
      await transaction.query({ text: 'set local enable_seqscan = off' });
      for (const [condition, index] of [
        ["email = lower('Ada@example.com')", 'orders_plain_email_of_storefront'],
        ["customer_digest = any('{key.digest}'::text[])", 'orders_customer_of_storefront'],
        ["reference = 'web-1'", 'orders_reference_of_storefront'],
        [`id = any('{${ours}}'::uuid[])`, 'orders_pkey'],
      ]) {
        const { rows: plan } = await transaction.query<{ 'QUERY PLAN': string }>({
          text: `explain select id from orders where ${condition} order by id desc limit 10`,
        });
        const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
        expect(lines, condition).to.include(`using ${index}`).and.to.include('Index Cond');
      }
    });
  });
});

/** How PostgreSQL would answer what is asked, a line a step. */
async function planOf(transaction: Transaction, ask: (database: Transaction) => Promise<unknown>): Promise<string> {
  const plan: string[] = [];
  await ask({
    query: async ({ text, values }) => {
      const { rows } = await transaction.query<{ 'QUERY PLAN': string }>({
        text: `explain ${text}`,
        ...(values && { values }),
      });
      plan.push(...rows.map((row) => row['QUERY PLAN']));
      return { rows: [], rowCount: 0 };
    },
  });
  return plan.join('\n');
}

const refusalOf = (work: Promise<unknown>): Promise<string> => work.then(() => 'none', String);

/** A row in each table for each order. */
async function fill(
  database: { transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> },
  orders: readonly { readonly storefrontId: string; readonly orderId: string }[],
): Promise<void> {
  await database.transaction(async (transaction) => {
    await insertOrders(
      transaction,
      orders.map((order) => ({
        ...order,
        request: orderBody,
        secrets: sealSecrets(testKeyring, order.orderId, orderBody),
        lines: [{ sku: 'CUP', quantity: 1, unitPrice: 850 }],
        total: { amount: 850, currency: 'GBP' },
      })),
    );
    await claimKeys(
      transaction,
      orders.map((order) => ({ ...order, idempotencyKey: 'key', fingerprint: Buffer.of(1) })),
    );
    for (const { storefrontId, orderId } of orders) {
      for (const text of [
        `insert into stock_receipts (storefront_id, key, fingerprint, movement_id, answer) values ('${storefrontId}', 'key', '', $1, '{}')`,
        `insert into products (storefront_id, sku, name, price_amount, currency) values ('${storefrontId}', $1, 'Cup', 1, 'GBP')`,
        `insert into stock_levels (storefront_id, sku, on_hand, reserved, shipped, version) values ('${storefrontId}', $1, 0, 0, 0, 1)`,
        `insert into stock_movements (id, storefront_id, sku, kind, quantity) values ($1, '${storefrontId}', 'CUP', 'received', 1)`,
        `insert into webhook_endpoints (id, storefront_id, url, types, sealed_secret) values ($1, '${storefrontId}', 'https://a.example', '{}', 's')`,
        `insert into webhook_deliveries (id, endpoint_id, storefront_id, webhook_id, type, body) values ($1, $1, '${storefrontId}', 'evt', 't', '{}')`,
        `insert into reservations (order_id, storefront_id, status, lines, version) values ($1, '${storefrontId}', 'failed', '[]', 1)`,
        `insert into shipments (order_id, status, version) values ($1, 'shipped', 1)`,
        `insert into emails (id, recipient, message_id, sent_at, version) values ($1 || ':confirmed', 'a@b', 'm', now(), 1)`,
        `insert into event_log (id, type, version, correlation_id, producer, occurred_at, payload)
         values ($1, 'orders.order-placed', 1, $1, 'test', now(), '{}')`,
      ]) {
        await transaction.query({ text, values: [orderId] });
      }
    }
  });
}
