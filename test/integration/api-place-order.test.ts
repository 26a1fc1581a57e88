import { expect } from 'chai';
import { createStorefront } from '../../api/storefronts/storefront.js';
import { Database, type OpenTransaction } from '../../shared/postgres/database.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { type Answer, type IntakeOptions, TestIntake } from '../support/intake.js';
import { testKeyring } from '../support/keyring.js';
import { orderBody, PLANTED_TOKEN, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

describe('placing an order', () => {
  let store: TestDatabase;
  let key: string;
  const intakes: TestIntake[] = [];

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    await emptyTables(store.database);
    key = (await createStorefront(store.database, 'Shop')).key;
    await stockCatalogue(store.database);
  });
  afterEach(async () => {
    await Promise.all(intakes.splice(0).map((intake) => intake.close()));
  });

  const start = async (options: Partial<IntakeOptions> = {}, as = key): Promise<TestIntake> => {
    const intake = await TestIntake.start({ databaseUrl: store.url, ...options }, as);
    intakes.push(intake);
    return intake;
  };
  const place = (intake: TestIntake, idempotencyKey: string, body: unknown = orderBody): Promise<Answer> =>
    intake.call('POST', '/orders', { headers: { 'idempotency-key': idempotencyKey }, body });
  const count = async (table: string): Promise<number> => {
    const { rows } = await store.database.query<{ count: number }>({ text: `select count(*) as count from ${table}` });
    return rows[0]?.count ?? Number.NaN;
  };

  it('stores it priced, with its payment and its message, before it is accepted', async () => {
    const intake = await start();
    const { status, headers, body } = await place(intake, 'one', { ...orderBody, reference: 'R-1' });
    expect(status).to.equal(202);
    expect(body).to.include({ status: 'INITIATED', message: 'Order received. Processing...' });
    expect(headers.get('location')).to.equal(`/orders/${body['orderId']}`);
    const { rows } = await store.database.query<Record<string, unknown>>({
      text: `select orders.status, reference, total_amount, orders.currency, orders.version, token, sealed_token, amount, payments.status as payment,
               correlation_id, type, payload->'lines' as lines, outbox.id is not null as unsent
             from orders join payments on order_id = orders.id join event_log on correlation_id = orders.id left join outbox on outbox.id = event_log.id`,
    });
    expect(rows).to.deep.equal([
      {
        status: 'INITIATED',
        reference: 'R-1',
        total_amount: 5300,
        currency: 'GBP',
        version: 1,
        token: null,
        sealed_token: rows[0]?.['sealed_token'],
        amount: 5300,
        payment: 'requested',
        correlation_id: body['orderId'],
        type: 'orders.order-placed',
        lines: [
          { sku: 'CUP', quantity: 2, unitPrice: 850 },
          { sku: 'JUG', quantity: 1, unitPrice: 3600 },
        ],
        unsent: true,
      },
    ]);
  });

  it('sends its message once it is stored', async () => {
    const broker: TestBroker = await createBroker();
    try {
      const actors = (await loadWorkers(await workerNames())).flatMap((worker) => worker.actors);
      await declareTopology([broker.url], topologyOf(actors.map(({ definition }) => definition)));
      const intake = await start({ brokerUrl: broker.url });
      expect((await place(intake, 'one')).status).to.equal(202);
      await until('the outbox is empty', async () => (await count('outbox')) === 0);
      expect(await count('event_log')).to.equal(1);
    } finally {
      await Promise.all(intakes.splice(0).map((intake) => intake.close()));
      await broker.close();
    }
  });

  it('adds up lines that name one SKU', async () => {
    const intake = await start();
    const lines = [
      { sku: 'CUP', quantity: 1 },
      { sku: 'JUG', quantity: 1 },
      { sku: 'CUP', quantity: 2 },
    ];
    const { body } = await place(intake, 'one', { ...orderBody, lines });
    const { body: order } = await intake.call('GET', `/orders/${body['orderId']}`);
    expect(order['lines']).to.deep.equal([
      { sku: 'CUP', quantity: 3, unitPrice: { amount: 850, currency: 'GBP' } },
      { sku: 'JUG', quantity: 1, unitPrice: { amount: 3600, currency: 'GBP' } },
    ]);
  });

  it('keeps the payment token sealed, in the payment only', async () => {
    const intake = await start();
    await place(intake, 'one');
    const { rows: tables } = await store.database.query<{ name: string }>({
      text: "select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'",
    });
    const holding: string[] = [];
    for (const { name } of tables) {
      const { rowCount } = await store.database.query({
        text: `select 1 from ${name} as one where one::text like '%' || $1 || '%'`,
        values: [PLANTED_TOKEN],
      });
      if (rowCount > 0) holding.push(name);
    }
    expect(holding).to.deep.equal([]);
    const { rows } = await store.database.query<{ id: string; sealed: string }>({
      text: 'select order_id as id, sealed_token as sealed from payments',
    });
    expect(rows.map(({ id, sealed }) => testKeyring.open('payment-token', id, sealed))).to.deep.equal([PLANTED_TOKEN]);
  });

  it('makes one order of many requests with one key, on two processes at once', async () => {
    const [one, other] = [await start(), await start()];
    const untilAnswered = async (intake: TestIntake): Promise<Answer> => {
      const answer = await place(intake, 'same');
      return answer.body['code'] === 'request.idempotency-key-in-flight' ? untilAnswered(intake) : answer;
    };
    const answers = await Promise.all(Array.from({ length: 60 }, (_, at) => untilAnswered(at % 2 === 0 ? one : other)));
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([202]));
    expect(new Set(answers.map(({ body }) => body['orderId'])).size).to.equal(1);
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).to.have.length(1);
    expect([await count('orders'), await count('event_log'), await count('payments')]).to.deep.equal([1, 1, 1]);
  });

  it('gives a repetition the same answer, whatever the order of its members and the price by then', async () => {
    const intake = await start();
    const first = await place(intake, 'one');
    await intake.call('PUT', '/stock/CUP', { body: { name: 'Enamel cup', price: { amount: 9, currency: 'EUR' } } });
    const again = await place(intake, 'one', Object.fromEntries(Object.entries(orderBody).reverse()));
    expect([again.status, again.body]).to.deep.equal([202, first.body]);
    expect(again.headers.get('idempotency-replayed')).to.equal('true');
  });

  it('refuses a key that belongs to another body, and lets another storefront use it', async () => {
    const intake = await start();
    const stranger = await start({}, (await createStorefront(store.database, 'Other')).key);
    await stockCatalogue(store.database);
    await place(intake, 'one');
    const reused = await place(intake, 'one', { ...orderBody, reference: 'other' });
    expect([reused.status, reused.body['code']]).to.deep.equal([422, 'request.idempotency-key-reused']);
    const { status, headers } = await place(stranger, 'one', { ...orderBody, reference: 'other' });
    expect([status, headers.get('idempotency-replayed')]).to.deep.equal([202, null]);
    expect(await count('orders')).to.equal(2);
  });

  it('refuses a bad order without harm to those that are committed with it', async () => {
    const intake = await start();
    const bad = {
      ...orderBody,
      lines: [
        { sku: 'CUP', quantity: 1 },
        { sku: 'NOPE', quantity: 1 },
      ],
    };
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        place(intake, `order ${at}`.replace(' ', '-'), at % 10 === 7 ? bad : orderBody),
      ),
    );
    expect(answers.map(({ status }) => status)).to.deep.equal(answers.map((_, at) => (at % 10 === 7 ? 422 : 202)));
    expect(answers[7]?.body['errors']).to.deep.equal([
      { pointer: '/lines/1/sku', detail: 'NOPE is not in the catalogue' },
    ]);
    expect(await count('orders')).to.equal(36);
  });

  it('makes one order when the answer to its commit was lost', async () => {
    class LosesAnswers extends Database {
      lost = 0;
      override async transaction<T>(work: (transaction: OpenTransaction) => Promise<T>): Promise<T> {
        const result = await super.transaction(work);
        this.lost += 1;
        if (this.lost === 1) throw new Error('Connection terminated unexpectedly');
        return result;
      }
    }
    const database = new LosesAnswers({ url: store.url, connections: 2, applicationName: 'warren test web' });
    const intake = await start({ database });
    const { status, headers, body } = await place(intake, 'one');
    expect([status, headers.get('idempotency-replayed')]).to.deep.equal([202, null]);
    expect(database.lost).to.equal(2);
    const { rows } = await store.database.query<{ id: string }>({ text: 'select id from orders' });
    expect(rows).to.deep.equal([{ id: body['orderId'] }]);
    expect(await count('event_log')).to.equal(1);
  });

  it('answers 503 while PostgreSQL is away, stores nothing of it, and accepts again once it is back', async () => {
    const proxy = await CuttableProxy.start(store.url, 5432);
    try {
      const intake = await start({ databaseUrl: proxy.inFrontOf(store.url) });
      expect((await place(intake, 'before')).status).to.equal(202);
      proxy.cut();
      const refused = await Promise.all(['a', 'b', 'c'].map((one) => place(intake, one)));
      for (const { status, headers, body } of refused) {
        expect([status, body['code'], headers.get('retry-after')]).to.deep.equal([503, 'intake.unavailable', '2']);
      }
      expect((await intake.call('GET', '/readyz')).status).to.equal(503);
      expect((await intake.call('GET', '/healthz')).status).to.equal(200);
      proxy.mend();
      await until('an order is accepted', async () => (await place(intake, 'after')).status === 202);
      expect(await count('orders')).to.equal(2);
    } finally {
      await Promise.all(intakes.splice(0).map((intake) => intake.close()));
      await proxy.close();
    }
  });

  it('never says accepted of what is not stored, nor stores twice, while PostgreSQL comes and goes', async () => {
    const proxy = await CuttableProxy.start(store.url, 5432);
    try {
      const intake = await start({ databaseUrl: proxy.inFrontOf(store.url) });
      const accepted: unknown[] = [];
      let going = true;
      const placing = Array.from({ length: 16 }, async (_, who) => {
        for (let at = 0; going; at++) {
          const { status, body } = await place(intake, `${who}-${at}`);
          if (status === 202) accepted.push(body['orderId']);
          else expect([503, 504]).to.include(status);
        }
      });
      for (let cuts = 1; cuts <= 8; cuts++) {
        const before = accepted.length;
        await until('orders are accepted', () => accepted.length > before + 30);
        proxy.cut();
        proxy.mend();
      }
      going = false;
      await Promise.all(placing);
      const { rows } = await store.database.query<{ id: string }>({ text: 'select id from orders' });
      const stored = new Set(rows.map(({ id }) => id));
      expect(accepted.filter((id) => !stored.has(String(id)))).to.deep.equal([]);
      expect([await count('event_log'), await count('payments')]).to.deep.equal([stored.size, stored.size]);
    } finally {
      await Promise.all(intakes.splice(0).map((intake) => intake.close()));
      await proxy.close();
    }
  });
});
