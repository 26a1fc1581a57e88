/**
 * `drain`: how fast the fleet works off a backlog.
 *
 * A first few orders warm the fleet up, so that its code is compiled as in one that has run for a minute. Then the workers that
 * take new orders are held (SIGSTOP) while the backlog is placed through the real intake, and the clock runs from the moment
 * they go on. Without a warm-up the whole fleet is started on the backlog, and the clock runs from the moment its first process
 * is subscribed: then a share of the time goes into compiling.
 *
 * How fast the machine is just then is told by an empty route of Fastify, before and after.
 */
import 'reflect-metadata';
import type { Database } from '../../shared/postgres/database.js';
import { OrderPlaced } from '../../workers/orders/messages.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { costsOf, serverPids, spentBetween } from './costs.js';
import {
  batchesOf,
  batchFigures,
  costFigures,
  intakeFigures,
  machineFigures,
  memoryFigures,
  speedFigures,
} from './drain-figures.js';
import { placeAll } from './intake.js';
import { measureEmptyRoute } from './intake-measure.js';
import { MemoryWatch } from './memory-watch.js';
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
import { untilDrained, untilNone } from './until-drained.js';
import { verifyWork } from './verify.js';
import { CONCURRENCY, warmUp } from './warm-fleet.js';
import { evenWorkload, type Workload } from './workload.js';

const EMPTY_ROUTE_S = 5;

export const drain: Scenario = {
  name: 'drain',
  summary: 'orders a second that the fleet works off a backlog of --orders orders with --lines lines each',
  limitMs: ({ orders, warmUp }) => 240_000 + (orders + warmUp) * 20,
  async run(context) {
    const before = await measureEmptyRoute(context, EMPTY_ROUTE_S);
    const { figures, checks } = await drainWith(context);
    const after = await measureEmptyRoute(context, EMPTY_ROUTE_S);
    return { figures: [...figures, ...machineFigures(figures, [before.perSecond, after.perSecond])], checks };
  },
};

/** How a drain differs from the plain one. */
export interface DrainSetting {
  /** Its shelves are to hold enough for the warm-up as well. @default orders of `--lines` lines, evenly of 1,000 SKUs */
  readonly workload?: Workload;
  /** Of each worker. @default 1 */
  readonly processes?: number;
  /** Of the fleet, on top of the bench's. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Orders of the backlog that cannot be filled. @default 0 */
  readonly soldOut?: number;
  /** Done before the first order. */
  readonly prepare?: (begun: StandingIntake) => Promise<void>;
  /** What must be so besides, once all the work was done. */
  readonly checks?: (database: Database) => Promise<readonly Check[]>;
}

export function drainWith(context: BenchContext, setting: DrainSetting = {}): Promise<ScenarioResult> {
  const { options } = context;
  const workload = setting.workload ?? evenWorkload(options.warmUp + options.orders, options.lines);
  const intake = {
    stock: workload.stock,
    connections: CONCURRENCY,
    sandbox: true,
    environment: setting.environment ?? {},
  };
  return withIntake(context, intake, (begun) => measure(context, begun, { ...setting, workload }));
}

async function measure(
  context: BenchContext,
  begun: StandingIntake,
  { workload, processes = 1, soldOut = 0, prepare, checks }: DrainSetting & { readonly workload: Workload },
): Promise<ScenarioResult> {
  const { options, servers, signal, say } = context;
  const { orders } = options;
  const isWarm = options.warmUp > 0;
  const { fleet, database, storefront } = begun;
  const { waiting, loaded } = await workersByBacklog();
  await prepare?.(begun);

  if (isWarm) {
    await warmUp(context, begun, { workload, workers: [...waiting, ...loaded], processes });
    // What is held holds back nothing of the warm-up.
    await servers.brokerAtRest();
    fleet.hold(loaded);
  }
  const roots = (): ReadonlyMap<string, number> =>
    new Map([...fleet.pids, ...serverPids(servers), ['bench', process.pid]]);
  const countsBefore = await serverCounts(database, servers);
  const costsBefore = costsOf(roots());
  const intake = await placeAll(workload.orders(orders, options.warmUp), storefront, CONCURRENCY, signal);
  await untilNone(database, 'select count(*) from outbox', signal);
  const intakeCosts = spentBetween(costsBefore, costsOf(roots()));
  say(`${orders} orders placed, ${Math.round(intake.perSecond)} a second`);
  if (!isWarm) await fleet.startWorkers(waiting, processes);
  const depths = await servers.queueDepths((found) => loaded.every((name) => found.get(name) === orders));

  say(`the backlog stands; ${isWarm ? 'letting go' : 'starting'} ${loaded.join(', ')}`);
  let before = costsOf(new Map());
  const onStart = (): void => {
    before = costsOf(roots());
  };
  const beganAt = isWarm ? fleet.letGo(loaded, onStart) : await fleet.startWorkers(loaded, processes, onStart);
  const workers = new Map([...waiting, ...loaded].sort().map((name) => [name, fleet.processesOf(name)]));
  const memory = new MemoryWatch([...workers.values()].flat().map((name) => fleet.pids.get(name) ?? 0));
  const ends = { shipped: options.warmUp + orders - soldOut, soldOut };
  const { endedAt, mailedAt } = await untilDrained(database, ends, signal).finally(() => memory.end());
  const costs = { ...spentBetween(before, costsOf(roots())), inMs: performance.now() - beganAt };
  const batches = await batchesOf(workers, fleet);

  say('drained; verifying that all the work was done');
  const counts = countedBetween(countsBefore, await serverCounts(database, servers));
  return {
    figures: [
      ...speedFigures(orders, endedAt - beganAt, mailedAt - beganAt),
      ...intakeFigures(intake, CONCURRENCY),
      ...intakeCostFigures(orders, intakeCosts),
      ...serverFigures(orders, counts),
      ...(await keptFigures(options.warmUp + orders, database)),
      ...(await connectionFigures(database, servers)),
      ...costFigures(orders, workers, costs),
      ...batchFigures(batches),
      ...memoryFigures(workers, fleet.pids, memory.growth),
    ],
    checks: [
      ...backlogChecks(loaded, orders, depths),
      ...(await verifyWork(ends, context, begun)),
      ...((await checks?.(database)) ?? []),
    ],
  };
}

const backlogChecks = (loaded: readonly string[], orders: number, depths: ReadonlyMap<string, number>): Check[] =>
  loaded.map((name) => ({ what: `backlog of ${name}`, expected: orders, found: depths.get(name) ?? 0 }));

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
