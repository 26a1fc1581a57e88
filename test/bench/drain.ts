/**
 * `drain`: how fast the fleet works off a backlog.
 *
 * The orders are placed through the real intake while nobody handles them. The workers with no backlog are started and wait;
 * then those whose queues are full are started, and the clock runs from the moment the first of them is subscribed.
 */
import 'reflect-metadata';
import { setTimeout as pause } from 'node:timers/promises';
import { setUpStock } from '../../scripts/load/set-up.js';
import { Storefront } from '../../scripts/load/storefront.js';
import { Database } from '../../shared/postgres/database.js';
import { OrderPlaced } from '../../workers/orders/messages.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { BenchFleet } from './bench-fleet.js';
import type { BenchServers } from './bench-servers.js';
import { type Intake, placeAll } from './intake.js';
import { cpuSecondsOf, machineCpuSeconds, peakResidentBytes } from './process-cost.js';
import type { BenchContext, Check, Figure, Scenario, ScenarioResult } from './scenario.js';
import { verifyShipped } from './verify.js';
import { benchOrders, benchStock } from './workload.js';

const SKUS = 1000;
/** Requests under way at once at the intake. */
const CONCURRENCY = 200;
const SHIPPED_A_SECOND = 600;
const MEMORY_MB = 150;
const BYTES_A_MB = 1_000_000;
const SOONEST_LOOK_MS = 50;
const LATEST_LOOK_MS = 2_000;

export const drain: Scenario = {
  name: 'drain',
  summary: 'orders a second that the fleet works off a backlog of --orders orders with --lines lines each',
  limitMs: ({ orders }) => 180_000 + orders * 20,
  async run(context) {
    const { options, servers, signal } = context;
    const folder = '.local/bench/fleet';
    const fleet = await BenchFleet.prepare({
      urls: servers.urls,
      folder,
      profileFolder: options.profileFolder,
      signal,
    });
    const database = new Database({ url: servers.urls.DATABASE_URL, connections: 2, applicationName: 'warren bench' });
    try {
      return await measure(context, fleet, database);
    } finally {
      await fleet.stop();
      await database.close();
    }
  },
};

async function measure(context: BenchContext, fleet: BenchFleet, database: Database): Promise<ScenarioResult> {
  const { options, servers, signal, say } = context;
  const { orders } = options;
  const { waiting, loaded } = await workersByBacklog();

  say('migrating, starting the intake and the sandbox, filling the shelves');
  await fleet.release();
  await Promise.all([fleet.startWeb(), fleet.startSandbox()]);
  const intake = await fillQueues(context, fleet);

  say(`${orders} orders placed, ${Math.round(intake.perSecond)} a second; starting ${waiting.join(', ')}`);
  await fleet.startWorkers(waiting);
  await untilNone(database, 'select count(*) from outbox', signal);
  const depths = await servers.queueDepths((found) => loaded.every((name) => found.get(name) === orders));
  const backlog = loaded.map(
    (name): Check => ({ what: `backlog of ${name}`, expected: orders, found: depths.get(name) ?? 0 }),
  );

  say(`the backlog stands; starting ${loaded.join(', ')}`);
  let before = costsOf(new Map());
  const roots = (): ReadonlyMap<string, number> =>
    new Map([...fleet.pids, ...serverPids(servers), ['bench', process.pid]]);
  const beganAt = await fleet.startWorkers(loaded, () => {
    before = costsOf(roots());
  });
  const shippedAt = await untilCount(database, `select count(*) from orders where status = 'SHIPPED'`, orders, signal);
  const mailedAt = await untilCount(database, 'select count(*) from emails', 2 * orders, signal);
  await untilNone(database, 'select count(*) from outbox', signal);
  const after = costsOf(roots());
  const costMs = performance.now() - beganAt;

  const workers = [...waiting, ...loaded].sort();
  const batches = await batchFigures(workers, fleet);

  say('drained; verifying that all the work was done');
  const checks = await verifyShipped(orders, {
    database,
    providerUrl: fleet.providerUrl,
    mailSinkUrl: fleet.mailSinkUrl,
    queueDepths: await servers.queueDepths((found) => [...found.values()].every((depth) => depth === 0)),
  });
  return {
    figures: [
      ...speedFigures(orders, shippedAt - beganAt, mailedAt - beganAt, intake),
      ...costFigures(orders, workers, spentBetween(before, after), costMs),
      ...batches,
      ...workers.map((name) => ({ ...memoryFigure(name, fleet.pids), target: { atMost: MEMORY_MB } })),
      memoryFigure('web', fleet.pids),
    ],
    checks: [...backlog, ...checks],
  };
}

/** Every worker there is, by whether orders that nobody handles pile up in its queue. */
async function workersByBacklog(): Promise<{ readonly waiting: string[]; readonly loaded: string[] }> {
  const workers = await loadWorkers(await workerNames());
  const takesOrders = ({ actors }: (typeof workers)[number]): boolean =>
    actors.some(({ definition }) => definition.handlers.has(OrderPlaced.name));
  const names = (some: typeof workers): string[] => some.map(({ name }) => name);
  return {
    waiting: names(workers.filter((worker) => !takesOrders(worker))),
    loaded: names(workers.filter(takesOrders)),
  };
}

async function fillQueues({ options, signal }: BenchContext, fleet: BenchFleet): Promise<Intake> {
  const { orders, lines } = options;
  const key = await fleet.addStorefront('bench');
  const storefront = new Storefront({ url: fleet.webUrl, key, connections: CONCURRENCY });
  try {
    await setUpStock(benchStock(SKUS, orders, lines), { storefront, concurrency: 32, signal, onDone: () => undefined });
    return await placeAll(benchOrders(orders, lines, SKUS), storefront, CONCURRENCY, signal);
  } finally {
    await storefront.close();
  }
}

const serverPids = (servers: BenchServers): ReadonlyMap<string, number> =>
  new Map([
    ['postgres', servers.pid('postgres')],
    ['rabbitmq', servers.pid('rabbitmq')],
    ['redis', servers.pid('redis')],
  ]);

function speedFigures(orders: number, shippedMs: number, mailedMs: number, { perSecond, latencyMs }: Intake): Figure[] {
  return [
    {
      key: 'shippedPerSecond',
      title: 'drained, to the last order SHIPPED',
      value: (orders * 1000) / shippedMs,
      unit: 'orders/s',
      target: { atLeast: SHIPPED_A_SECOND },
    },
    { key: 'mailedPerSecond', title: 'drained, to the last mail', value: (orders * 1000) / mailedMs, unit: 'orders/s' },
    { key: 'intakePerSecond', title: `intake, ${CONCURRENCY} at once`, value: perSecond, unit: 'orders/s' },
    { key: 'intakeP50Ms', title: 'intake, POST → 202, p50', value: latencyMs.p50, unit: 'ms' },
    { key: 'intakeP99Ms', title: 'intake, POST → 202, p99', value: latencyMs.p99, unit: 'ms' },
  ];
}

/** CPU seconds by part, and of the whole machine; NaN where the system does not tell. */
interface Costs {
  readonly parts: ReadonlyMap<string, number>;
  readonly machine: number;
}

const costsOf = (roots: ReadonlyMap<string, number>): Costs => ({
  parts: cpuSecondsOf(roots),
  machine: machineCpuSeconds() ?? Number.NaN,
});

const spentBetween = (before: Costs, after: Costs): Costs => ({
  parts: new Map([...after.parts].map(([part, seconds]) => [part, seconds - (before.parts.get(part) ?? 0)])),
  machine: after.machine - before.machine,
});

/** CPU of each part while the backlog was worked off, to the last mail. */
function costFigures(orders: number, workers: readonly string[], { parts, machine }: Costs, costMs: number): Figure[] {
  const measurable = !Number.isNaN(machine);
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, part) => total + (parts.get(part) ?? 0), 0);
  const cores = (key: string, title: string, seconds: number): Figure => ({
    key,
    title,
    value: measurable ? (seconds * 1000) / costMs : Number.NaN,
    unit: 'cores busy',
  });
  const figure = (key: string, title: string, seconds: number): Figure => ({
    key: `cpuMsPerOrder.${key}`,
    title: `CPU, ${title}`,
    value: measurable ? (seconds * 1000) / orders : Number.NaN,
    unit: 'ms/order',
  });
  return [
    cores('coresBusy', 'CPU, all parts', sum(parts.keys())),
    cores('coresElsewhere', 'CPU, everything else on the machine', machine - sum(parts.keys())),
    figure('all', 'all parts', sum(parts.keys())),
    figure('workers', 'the workers together', sum(workers)),
    ...workers.map((name) => figure(name, `  ${name}`, sum([name]))),
    ...[...parts.keys()].filter((part) => !workers.includes(part)).map((part) => figure(part, part, sum([part]))),
  ];
}

/** Messages that a worker committed together, in the mean. Small batches are what makes an order dear. */
async function batchFigures(workers: readonly string[], fleet: BenchFleet): Promise<Figure[]> {
  const means = await Promise.all(
    workers.map(async (name) => {
      const metrics = await fleet.metricsOf(name);
      const value = (metric: string): number => metrics.get(`warren_batch_messages_${metric}{actor="${name}"}`) ?? 0;
      return { name, mean: value('sum') / value('count') };
    }),
  );
  return means
    .filter(({ mean }) => Number.isFinite(mean))
    .map(({ name, mean }) => ({
      key: `batch.${name}`,
      title: `messages committed together, ${name}`,
      value: mean,
      unit: 'messages',
    }));
}

const memoryFigure = (name: string, pids: ReadonlyMap<string, number>): Figure => ({
  key: `peakMemoryMB.${name}`,
  title: `peak memory, ${name}`,
  value: (peakResidentBytes(pids.get(name) ?? 0) ?? Number.NaN) / BYTES_A_MB,
  unit: 'MB resident',
});

const untilNone = (database: Database, text: string, signal: AbortSignal): Promise<number> =>
  untilCount(database, text, 0, signal);

/**
 * Resolves when the count is reached, to when. Counting costs the database more than many a batch, so it looks seldom while
 * much is left: after a third of the time that the rest will take at the rate so far.
 */
async function untilCount(database: Database, text: string, count: number, signal: AbortSignal): Promise<number> {
  let last: { readonly left: number; readonly at: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await database.query<{ count: number }>({ text });
    const at = performance.now();
    const left = Math.abs((rows[0]?.count ?? 0) - count);
    if (left === 0) return at;
    const restMs = last && last.left > left ? (left * (at - last.at)) / (last.left - left) : 0;
    last = { left, at };
    await pause(Math.min(Math.max(restMs / 3, SOONEST_LOOK_MS), LATEST_LOOK_MS));
  }
}
