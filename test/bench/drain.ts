/**
 * `drain`: how fast the fleet works off a backlog.
 *
 * A first few orders warm the fleet up, so that its code is compiled as in one that has run for a minute. Then the workers that
 * take new orders are held (SIGSTOP) while the backlog is placed through the real intake, and the clock runs from the moment
 * they go on. Without a warm-up the whole fleet is started on the backlog, and the clock runs from the moment its first process
 * is subscribed: then a share of the time goes into compiling.
 */
import 'reflect-metadata';
import { OrderPlaced } from '../../workers/orders/messages.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { costsOf, serverPids, spentBetween } from './costs.js';
import { batchFigures, costFigures, intakeFigures, memoryFigures, speedFigures } from './drain-figures.js';
import { placeAll } from './intake.js';
import type { BenchContext, Check, Scenario, ScenarioResult } from './scenario.js';
import {
  connectionFigures,
  countedBetween,
  intakeCostFigures,
  keptFigures,
  serverCounts,
  serverFigures,
} from './server-load.js';
import { type StandingIntake, withIntake } from './standing-intake.js';
import { untilDrained, untilNone } from './until-count.js';
import { verifyShipped } from './verify.js';
import { benchOrders, benchStock } from './workload.js';

const SKUS = 1000;
/** Requests under way at once at the intake. */
const CONCURRENCY = 200;

export const drain: Scenario = {
  name: 'drain',
  summary: 'orders a second that the fleet works off a backlog of --orders orders with --lines lines each',
  limitMs: ({ orders, warmUp }) => 180_000 + (orders + warmUp) * 20,
  run: (context) => drainWith(context),
};

/** @param environment of the fleet, on top of the bench's */
export function drainWith(context: BenchContext, environment: NodeJS.ProcessEnv = {}): Promise<ScenarioResult> {
  const { options } = context;
  const stock = benchStock(SKUS, options.warmUp + options.orders, options.lines);
  const setting = { stock, connections: CONCURRENCY, sandbox: true, environment };
  return withIntake(context, setting, (begun) => measure(context, begun));
}

async function measure(context: BenchContext, begun: StandingIntake): Promise<ScenarioResult> {
  const { options, servers, signal, say } = context;
  const { orders, warmUp } = options;
  const { fleet, database } = begun;
  const { waiting, loaded } = await workersByBacklog();

  if (warmUp > 0) {
    say(`starting all workers; ${warmUp} orders to warm them up`);
    await fleet.startWorkers([...waiting, ...loaded]);
    await place(warmUp, 0, context, begun);
    await untilDrained(database, warmUp, signal);
    fleet.hold(loaded);
  }
  const roots = (): ReadonlyMap<string, number> =>
    new Map([...fleet.pids, ...serverPids(servers), ['bench', process.pid]]);
  const countsBefore = await serverCounts(database, servers);
  const costsBefore = costsOf(roots());
  const intake = await place(orders, warmUp, context, begun);
  await untilNone(database, 'select count(*) from outbox', signal);
  const intakeCosts = spentBetween(costsBefore, costsOf(roots()));
  say(`${orders} orders placed, ${Math.round(intake.perSecond)} a second`);
  if (warmUp === 0) await fleet.startWorkers(waiting);
  const depths = await servers.queueDepths((found) => loaded.every((name) => found.get(name) === orders));

  say(`the backlog stands; ${warmUp > 0 ? 'letting go' : 'starting'} ${loaded.join(', ')}`);
  let before = costsOf(new Map());
  const onStart = (): void => {
    before = costsOf(roots());
  };
  const beganAt = warmUp > 0 ? fleet.letGo(loaded, onStart) : await fleet.startWorkers(loaded, onStart);
  const { shippedAt, mailedAt } = await untilDrained(database, warmUp + orders, signal);
  const costs = { ...spentBetween(before, costsOf(roots())), inMs: performance.now() - beganAt };
  const workers = [...waiting, ...loaded].sort();
  const batches = await batchFigures(workers, fleet);

  say('drained; verifying that all the work was done');
  const counts = countedBetween(countsBefore, await serverCounts(database, servers));
  return {
    figures: [
      ...speedFigures(orders, shippedAt - beganAt, mailedAt - beganAt),
      ...intakeFigures(intake, CONCURRENCY),
      ...intakeCostFigures(orders, intakeCosts),
      ...serverFigures(orders, counts),
      ...(await keptFigures(warmUp + orders, database)),
      ...(await connectionFigures(database, servers)),
      ...costFigures(orders, workers, costs),
      ...batches,
      ...memoryFigures(workers, fleet.pids),
    ],
    checks: [...backlogChecks(loaded, orders, depths), ...(await workChecks(warmUp + orders, context, begun))],
  };
}

const place = (count: number, first: number, { options, signal }: BenchContext, { storefront }: StandingIntake) =>
  placeAll(benchOrders(count, options.lines, SKUS, first), storefront, CONCURRENCY, signal);

const backlogChecks = (loaded: readonly string[], orders: number, depths: ReadonlyMap<string, number>): Check[] =>
  loaded.map((name) => ({ what: `backlog of ${name}`, expected: orders, found: depths.get(name) ?? 0 }));

const workChecks = async (
  orders: number,
  { servers }: BenchContext,
  { database, fleet }: StandingIntake,
): Promise<Check[]> =>
  verifyShipped(orders, {
    database,
    providerUrl: fleet.providerUrl,
    mailSinkUrl: fleet.mailSinkUrl,
    broker: () => servers.brokerAtRest(),
  });

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
