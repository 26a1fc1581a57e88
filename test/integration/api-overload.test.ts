import { expect } from 'chai';
import { register } from 'prom-client';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { Running } from '../../shared/actors/worker.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { worker as relay } from '../../workers/relay/relay.worker.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { CuttableProxy } from '../support/cuttable-proxy.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { emptyTables } from '../support/empty-tables.js';
import { TestFleet } from '../support/fleet.js';
import { type Answer, type IntakeOptions, TestIntake } from '../support/intake.js';
import { needed } from '../support/needed.js';
import { orderBody, stockCatalogue } from '../support/order-body.js';
import { until } from '../support/until.js';

const AMQP_PORT = 5672;

describe('the intake under more than it can take', () => {
  let store: TestDatabase;
  let key: string;
  let closings: (() => Promise<unknown>)[];

  before(async () => {
    store = await createDatabase();
  });
  after(() => store.close());
  beforeEach(async () => {
    closings = [];
    await emptyTables(store.database);
    key = (await createStorefront(store.database, 'Shop')).key;
    await stockCatalogue(store.database);
  });
  afterEach(async () => {
    for (const close of closings) await close();
  });

  const start = async (options: Partial<IntakeOptions>): Promise<TestIntake> => {
    const intake = await TestIntake.start({ databaseUrl: store.url, ...options }, key);
    closings.unshift(() => intake.close());
    return intake;
  };
  const place = (intake: TestIntake, idempotencyKey: string): Promise<Answer> =>
    intake.call('POST', '/orders', { headers: { 'idempotency-key': idempotencyKey }, body: orderBody });
  const count = async (table: string): Promise<number> => {
    const { rows } = await store.database.query<{ count: number }>({ text: `select count(*) as count from ${table}` });
    return rows[0]?.count ?? Number.NaN;
  };
  const refused = async (full: string): Promise<number> => {
    const sample = new RegExp(`warren_intake_refused_total\\{full="${full}"\\} (\\d+)`);
    return Number(sample.exec(await register.metrics())?.[1] ?? 0);
  };
  /** Runs `act` while no order can be committed, and then lets them go on. */
  const whileNothingIsCommitted = (act: () => Promise<void>): Promise<void> =>
    store.database.transaction(async (transaction) => {
      await transaction.query({ text: 'lock table idempotency_keys in exclusive mode' });
      await act();
    });
  const someoneWaits = (): Promise<unknown> =>
    until('a batch waits for the lock', async () => {
      const { rows } = await store.database.query<{ n: number }>({
        text: "select count(*) as n from pg_locks where not granted and locktype = 'relation'",
      });
      return (rows[0]?.n ?? 0) > 0;
    });

  describe('whose broker is stopped', () => {
    let broker: TestBroker;
    let proxy: CuttableProxy;

    beforeEach(async () => {
      broker = await createBroker();
      proxy = await CuttableProxy.start(broker.url, AMQP_PORT);
      closings.unshift(
        () => proxy.close(),
        () => broker.close(),
      );
    });

    it('takes orders up to its bound, then refuses them with 503 and Retry-After, and passes all on when the broker is back', async () => {
      const actors = (await loadWorkers(await workerNames())).flatMap((worker) => worker.actors);
      await declareTopology([broker.url], topologyOf(actors.map(({ definition }) => definition)));
      const brokerUrl = proxy.inFrontOf(broker.url);
      const limits = { outbox: 20 };
      const intake = await start({ brokerUrl, limits, outboxLeaseMs: 1000 });
      const fleet = new TestFleet({ database: store.url, broker: brokerUrl, redis: needed('REDIS_URL') });
      await fleet.connect();
      // The worker asks nothing of the environment and resolves nothing.
      const sweeping: Running = relay.start(fleet.parts, undefined as never, undefined as never);
      closings.unshift(
        () => sweeping.stop(2000),
        () => fleet.stop(),
      );
      proxy.cut();

      const accepted: string[] = [];
      const refusal = await until('an order is refused', async () => {
        const answer = await place(intake, `order-${accepted.length}`);
        if (answer.status !== 202) return answer;
        accepted.push(String(answer.body['orderId']));
        return undefined;
      });
      expect(refusal.status).to.equal(503);
      expect(refusal.headers.get('content-type')).to.contain('application/problem+json');
      expect(refusal.body).to.include({ code: 'intake.overloaded' });
      expect(Number(refusal.headers.get('retry-after'))).to.be.within(10, 30);
      expect(accepted.length).to.be.at.least(limits.outbox);
      expect(await count('orders')).to.equal(accepted.length);
      expect(await refused('outbox')).to.be.at.least(1);

      expect((await intake.call('GET', `/orders/${accepted[0]}`)).status, 'reading').to.equal(200);
      expect((await intake.call('POST', `/orders/${accepted[0]}/cancel`)).status, 'cancelling').to.equal(202);
      const ready = await intake.call('GET', '/readyz');
      expect([ready.status, ready.body['status']]).to.deep.equal([200, 'degraded']);
      expect(ready.body['checks']).to.have.property('intake').that.contains('orders are refused');

      proxy.mend();
      await until('everything is sent', async () => (await count('outbox')) === 0, 30_000);
      const { status } = await until('orders are taken again', async () => {
        const answer = await place(intake, 'later');
        return answer.status === 202 && answer;
      });
      expect(status).to.equal(202);
      expect(await count('orders')).to.equal(accepted.length + 1);
    });
  });

  it('refuses orders while the event loop is late, takes them when that is over, and is read from all the time', async () => {
    const loopDelay = { ms: 501, close: () => undefined };
    const intake = await start({ parts: { loopDelay } });
    const before = await refused('event-loop');
    const late = await place(intake, 'one');
    expect([late.status, late.body['code']]).to.deep.equal([503, 'intake.overloaded']);
    expect(Number(late.headers.get('retry-after'))).to.be.within(1, 3);
    expect((await intake.call('GET', '/stock')).status).to.equal(200);
    expect(await refused('event-loop')).to.equal(before + 1);
    expect(await count('orders')).to.equal(0);
    loopDelay.ms = 500;
    expect((await place(intake, 'one')).status).to.equal(202);
  });

  it('refuses what comes on top of what is under way, without looking at it, and reads go on', async () => {
    const intake = await start({ limits: { requests: 2 } });
    const before = await refused('requests');
    let taken: Promise<Answer>[] = [];
    await whileNothingIsCommitted(async () => {
      taken = [place(intake, 'one'), place(intake, 'two')];
      await someoneWaits();
      const unknownKey = { authorization: 'Bearer nobody' };
      const answer = await until('one is refused', async () => {
        const one = await intake.call('POST', '/orders', { headers: unknownKey, body: '{"no":' });
        return one.status === 503 && one;
      });
      expect(answer.body).to.include({ code: 'intake.overloaded' });
      expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 3);
      expect((await intake.call('GET', '/stock')).status).to.equal(200);
      expect(await refused('requests')).to.equal(before + 1);
    });
    expect((await Promise.all(taken)).map(({ status }) => status)).to.deep.equal([202, 202]);
    expect((await place(intake, 'three')).status).to.equal(202);
  });

  it('gives the room of a caller who hung up to the next', async () => {
    const intake = await start({ limits: { requests: 1 } });
    const hangUp = new AbortController();
    let next: Promise<Answer> | undefined;
    await whileNothingIsCommitted(async () => {
      const gone = intake
        .stream('POST', '/orders', {
          headers: { 'content-type': 'application/json', 'idempotency-key': 'gone' },
          body: JSON.stringify(orderBody),
          signal: hangUp.signal,
        })
        .catch(() => undefined);
      await someoneWaits();
      expect((await place(intake, 'refused')).status).to.equal(503);
      hangUp.abort();
      await gone;
      await until('there is room again', async () => {
        const ready = await intake.call('GET', '/readyz');
        return !JSON.stringify(ready.body).includes('orders are refused');
      });
      next = place(intake, 'next');
    });
    expect((await next)?.status).to.equal(202);
  });
});
