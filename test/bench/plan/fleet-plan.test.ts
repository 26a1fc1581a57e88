import 'reflect-metadata';
import { expect } from 'chai';
import fc from 'fast-check';
import { loadWorkers, workerNames } from '../../../workers/registry.js';
import { plainResults } from '../results.js';
import { CONNECTIONS, KEPT_DAYS, SERVER } from './assumptions.js';
import { connectionsOf, type FleetPlan, planFor } from './fleet-plan.js';
import { type MeasuredCosts, measuredCosts } from './measured-costs.js';
import { drainedPerSecond, predictions } from './prediction.js';
import { saturations } from './saturation.js';
import { resultOf } from './test-results.js';

/** All numbers of a plan, in its order, but for the size of a server, which falls when there is one more. */
const numbersOf = ({
  processes,
  postgres: { coresOfEach: _, ...postgres },
  rabbitmq,
  redis,
  eventsPerSecond,
}: FleetPlan): number[] => [
  ...processes.flatMap(({ count, cores, memoryMB }) => [count, cores, memoryMB]),
  eventsPerSecond,
  ...Object.values(postgres),
  ...Object.values(redis),
  rabbitmq.cores,
  rabbitmq.deliveriesPerSecond,
  rabbitmq.connections,
  rabbitmq.servers,
  ...rabbitmq.queues.values(),
];
const countOf = (plan: FleetPlan, name: string): number | undefined =>
  plan.processes.find((process) => process.name === name)?.count;

describe('the plan of a fleet', () => {
  const costs = measuredCosts([resultOf('drain'), resultOf('idle')]);
  const plan = (ordersPerSecond: number, of: MeasuredCosts = costs) =>
    planFor({ ordersPerSecond, utilisation: 0.6 }, of, SERVER);
  const rate = fc.double({ min: 0.1, max: 20_000, noNaN: true });

  it('never needs less of anything for more orders', () => {
    fc.assert(
      fc.property(rate, rate, (one, other) => {
        const [less, more] = [plan(Math.min(one, other)), plan(Math.max(one, other))].map(numbersOf);
        for (const [at, number] of (less ?? []).entries()) expect(number).to.be.at.most((more?.[at] ?? 0) + 1e-9);
      }),
    );
  });

  it('has one process of each at least, and none that is busier than wished', () => {
    fc.assert(
      fc.property(rate, (ordersPerSecond) => {
        for (const { count, cores } of plan(ordersPerSecond).processes) {
          expect(count).to.be.at.least(1);
          expect(cores / count).to.be.at.most(0.6 + 1e-9);
        }
      }),
    );
  });

  it('has servers of a size that none is busier than wished', () => {
    fc.assert(
      fc.property(rate, (ordersPerSecond) => {
        const { postgres, rabbitmq } = plan(ordersPerSecond);
        for (const { cores, coresOfEach, servers } of [postgres, rabbitmq]) {
          expect(coresOfEach).to.be.within(1, SERVER.cores);
          expect(cores / servers / coresOfEach).to.be.at.most(0.6 + 1e-9);
        }
      }),
    );
  });

  it('needs ten times the log, the transactions, the commands and the disk for ten times the orders', () => {
    const [one, ten] = [plan(100), plan(1000)];
    expect(ten.postgres.walMBPerSecond).to.be.closeTo(10 * one.postgres.walMBPerSecond, 1e-9);
    expect(ten.postgres.transactionsPerSecond).to.be.closeTo(10 * one.postgres.transactionsPerSecond, 1e-9);
    expect(ten.postgres.growthGBADay).to.be.closeTo(10 * one.postgres.growthGBADay, 1e-9);
    expect(ten.redis.commandsPerSecond).to.be.closeTo(10 * one.redis.commandsPerSecond, 1e-9);
    expect(ten.eventsPerSecond).to.equal(7000);
  });

  it('is worked out as by hand', () => {
    const alike = measuredCosts([resultOf('drain')]);
    // 0.4 ms an order: 600 ms of a second are 1,500 orders.
    expect([1500, 1501, 3001].map((perSecond) => countOf(plan(perSecond, alike), 'email'))).to.deep.equal([1, 2, 3]);
    // 20 kB an order, of 250 MB/s 60 %.
    expect([7500, 7501].map((perSecond) => plan(perSecond).postgres.servers)).to.deep.equal([1, 2]);
    // 4 messages an order, of 20,000 a second 60 %; then as many queues as processes.
    expect([3000, 3001].map((perSecond) => plan(perSecond).rabbitmq.queues.get('orders'))).to.deep.equal([1, 2]);
    expect(plan(12_000).rabbitmq.queues.get('email')).to.equal(countOf(plan(12_000), 'email'));
  });

  it('opens as many connections as the README says', async () => {
    const one = ['web', ...(await workerNames())].map((name) => ({ name, count: 1 }));
    expect(connectionsOf(one)).to.deep.equal({ postgres: 20, rabbitmq: 19, redis: 12 });
    expect(connectionsOf([{ name: 'web', count: 3 }])).to.deep.equal({
      postgres: 3 * CONNECTIONS.postgres.web,
      rabbitmq: 3,
      redis: 3,
    });
  });

  it('opens as many connections as were counted with one process of each', async () => {
    const drained = (await plainResults())
      .flatMap(({ result }) => result.scenarios)
      .find(({ scenario }) => scenario === 'drain');
    const ours = connectionsOf(['web', ...(await workerNames())].map((name) => ({ name, count: 1 })));
    expect(drained?.figures['connections.rabbitmq']).to.equal(ours.rabbitmq);
    expect(drained?.figures['connections.redis']).to.equal(ours.redis);
    expect(drained?.figures['connections.postgres']).to.be.at.most(ours.postgres);
  });

  it('keeps messages for as long as the scheduler does by default', async () => {
    const [scheduler] = await loadWorkers(['scheduler']);
    const { eventLogDays, inboxDays } = scheduler?.composition?.variables ?? {};
    expect(KEPT_DAYS).to.deep.equal({ eventLog: Number(eventLogDays?.fallback), inbox: Number(inboxDays?.fallback) });
  });

  it('can be made from the results that this project keeps', async () => {
    const kept = measuredCosts(await plainResults());
    expect(kept.workers).to.include.members(['orders', 'inventory', 'payment', 'shipping', 'email']);
    for (const number of numbersOf(plan(1000, kept))) expect(number).to.be.above(0).and.below(1e9);
  });
});

describe('what is full first', () => {
  const full = saturations(0.6, measuredCosts([resultOf('drain')]), SERVER);

  it('is full from the rate on at which one of it is not enough', () => {
    const rates = new Map(full.map(({ part, ordersPerSecond }) => [part, Math.round(ordersPerSecond)]));
    expect([...rates].slice(0, 2)).to.deep.equal([
      ['one process of email', 1500],
      ['the queue orders', 3000],
    ]);
    expect(rates.get("PostgreSQL's write-ahead log")).to.equal(7500);
  });

  it('is said of nothing that is not full at 100,000 events a second', () => {
    expect(full.map(({ part }) => part)).not.to.include("RabbitMQ's 32 cores");
    for (const { ordersPerSecond } of full) expect(ordersPerSecond).to.be.at.most(100_000 / 7);
  });
});

describe('the prediction of a drain', () => {
  const drain = resultOf('drain');
  const costs = measuredCosts([drain]);

  it('is what was measured, where it was measured', () => {
    expect(drainedPerSecond(1, 2, costs)).to.be.closeTo(600, 1e-6);
  });

  it('is held up by the machine, and with many cores by the dearest worker', () => {
    expect(drainedPerSecond(4, 2, costs)).to.be.at.most(600);
    expect(drainedPerSecond(1, 64, costs)).to.be.closeTo(1 / 0.0004, 1e-6);
    expect(drainedPerSecond(2, 64, costs)).to.be.closeTo(2 / 0.0004, 1e-6);
  });

  it('is held against every number of processes that the newest result has', () => {
    const kept = [resultOf('processes'), drain];
    expect(
      predictions(costs, kept).map(({ processes, measuredPerSecond }) => [processes, measuredPerSecond]),
    ).to.deep.equal([
      [1, 600],
      [2, 590],
      [4, 550],
    ]);
    expect(predictions(costs, [drain])).to.deep.equal([]);
  });
});
