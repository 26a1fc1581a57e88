/** What `drain` says about a run: speed, what each part cost, how much was committed together, memory. */
import type { BenchFleet } from './bench-fleet.js';
import type { Costs } from './costs.js';
import type { Intake } from './intake.js';
import type { Growth } from './memory-watch.js';
import { megabytes, peakResidentBytes } from './process-cost.js';
import type { Figure, ScenarioResult } from './scenario.js';

const SHIPPED_A_SECOND = 600;
const MEMORY_MB = 150;

const SHIPPED = {
  key: 'shippedPerSecond',
  title: 'drained, to the last order SHIPPED',
  unit: 'orders/s',
  target: { atLeast: SHIPPED_A_SECOND },
};

/** The names of the processes of each worker. */
export type Processes = ReadonlyMap<string, readonly string[]>;

export function speedFigures(orders: number, shippedMs: number, mailedMs: number): Figure[] {
  return [
    { ...SHIPPED, value: (orders * 1000) / shippedMs },
    { key: 'mailedPerSecond', title: 'drained, to the last mail', value: (orders * 1000) / mailedMs, unit: 'orders/s' },
  ];
}

/**
 * The drain beside what the machine was able to just then, roughly: the route took twice as much in one minute as in another.
 * @param emptyRoute requests a second, before and after
 */
export function machineFigures(figures: readonly Figure[], emptyRoute: readonly [number, number]): Figure[] {
  const speed = figures.find(({ key }) => key === SHIPPED.key)?.value ?? Number.NaN;
  const [before, after] = emptyRoute;
  const requests = (key: string, title: string, value: number): Figure => ({ key, title, value, unit: 'requests/s' });
  return [
    requests('emptyRoutePerSecond.before', 'an empty route, before', before),
    requests('emptyRoutePerSecond.after', 'an empty route, after', after),
    {
      key: 'shippedOfEmptyRoute',
      title: 'drained, for a thousand of them',
      value: (speed * 1000) / ((before + after) / 2),
      unit: 'orders',
    },
  ];
}

export function intakeFigures({ perSecond, latencyMs }: Intake, atOnce: number): Figure[] {
  return [
    { key: 'intakePerSecond', title: `intake, ${atOnce} at once`, value: perSecond, unit: 'orders/s' },
    { key: 'intakeP50Ms', title: 'intake, POST → 202, p50', value: latencyMs.p50, unit: 'ms' },
    { key: 'intakeP99Ms', title: 'intake, POST → 202, p99', value: latencyMs.p99, unit: 'ms' },
  ];
}

/** CPU of each part while the backlog was worked off, to the last mail. */
export function costFigures(
  orders: number,
  workers: Processes,
  { parts, machine, inMs }: Costs & { readonly inMs: number },
): Figure[] {
  const measurable = !Number.isNaN(machine);
  const theirs = [...workers.values()].flat();
  const sum = (names: Iterable<string>): number =>
    [...names].reduce((total, part) => total + (parts.get(part) ?? 0), 0);
  const cores = (key: string, title: string, seconds: number): Figure => ({
    key,
    title,
    value: measurable ? (seconds * 1000) / inMs : Number.NaN,
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
    figure('workers', 'the workers together', sum(theirs)),
    ...[...workers].map(([name, processes]) => figure(name, `  ${name}`, sum(processes))),
    ...[...parts.keys()].filter((part) => !theirs.includes(part)).map((part) => figure(part, part, sum([part]))),
  ];
}

/** What each worker has committed since it was started. */
export type Batches = ReadonlyMap<string, { readonly messages: number; readonly batches: number }>;

export async function batchesOf(workers: Processes, fleet: BenchFleet): Promise<Batches> {
  const counted = [...workers].map(async ([name, processes]) => {
    const all = await Promise.all(processes.map((process) => fleet.metricsOf(process)));
    const total = (metric: string): number =>
      all.reduce((sum, one) => sum + (one.get(`warren_batch_messages_${metric}{actor="${name}"}`) ?? 0), 0);
    return [name, { messages: total('sum'), batches: total('count') }] as const;
  });
  return new Map(await Promise.all(counted));
}

/** Messages that a worker committed together, in the mean. Small batches are what makes an order dear. */
export const batchFigures = (after: Batches, before: Batches = new Map()): Figure[] =>
  [...after]
    .map(([name, { messages, batches }]) => {
      const earlier = before.get(name) ?? { messages: 0, batches: 0 };
      return { name, mean: (messages - earlier.messages) / (batches - earlier.batches) };
    })
    .filter(({ mean }) => Number.isFinite(mean))
    .map(({ name, mean }) => ({
      key: `batch.${name}`,
      title: `messages committed together, ${name}`,
      value: mean,
      unit: 'messages',
    }));

/** The most that each held at once, and whether it holds more and more. */
export const memoryFigures = (workers: Processes, pids: ReadonlyMap<string, number>, grown: Growth): Figure[] => [
  ...[...workers].map(([name, processes]) => ({
    ...memoryFigure(name, processes, pids),
    target: { atMost: MEMORY_MB },
  })),
  memoryFigure('web', ['web'], pids),
  { key: 'memoryFirstTenthMB', title: 'memory, the workers together, first tenth', value: grown.first, unit: 'MB' },
  { key: 'memoryLastTenthMB', title: 'memory, the workers together, last tenth', value: grown.last, unit: 'MB' },
  { key: 'memoryGrowth', title: 'memory, last tenth to first, of whoever grew most', value: grown.most, unit: '' },
];

const memoryFigure = (name: string, processes: readonly string[], pids: ReadonlyMap<string, number>): Figure => ({
  key: `peakMemoryMB.${name}`,
  title: `peak memory, ${name}`,
  value: Math.max(...processes.map((process) => megabytes(peakResidentBytes(pids.get(process) ?? 0)))),
  unit: 'MB resident',
});

/** Of a drain's result. NaN when it has none. */
export const speedOf = ({ figures }: ScenarioResult): number =>
  figures.find(({ key }) => key === 'shippedPerSecond')?.value ?? Number.NaN;
