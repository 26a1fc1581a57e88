/** What `drain` says about a run: speed, what each part cost, how much was committed together, memory. */
import type { BenchFleet } from './bench-fleet.js';
import type { Costs } from './costs.js';
import type { Intake } from './intake.js';
import { megabytes, peakResidentBytes } from './process-cost.js';
import type { Figure } from './scenario.js';

const SHIPPED_A_SECOND = 600;
const MEMORY_MB = 150;

export function speedFigures(orders: number, shippedMs: number, mailedMs: number): Figure[] {
  return [
    {
      key: 'shippedPerSecond',
      title: 'drained, to the last order SHIPPED',
      value: (orders * 1000) / shippedMs,
      unit: 'orders/s',
      target: { atLeast: SHIPPED_A_SECOND },
    },
    { key: 'mailedPerSecond', title: 'drained, to the last mail', value: (orders * 1000) / mailedMs, unit: 'orders/s' },
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
  workers: readonly string[],
  { parts, machine, inMs }: Costs & { readonly inMs: number },
): Figure[] {
  const measurable = !Number.isNaN(machine);
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
    figure('workers', 'the workers together', sum(workers)),
    ...workers.map((name) => figure(name, `  ${name}`, sum([name]))),
    ...[...parts.keys()].filter((part) => !workers.includes(part)).map((part) => figure(part, part, sum([part]))),
  ];
}

/** Messages that a worker committed together, in the mean. Small batches are what makes an order dear. */
export async function batchFigures(workers: readonly string[], fleet: BenchFleet): Promise<Figure[]> {
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

/** The most that each held at once. */
export const memoryFigures = (workers: readonly string[], pids: ReadonlyMap<string, number>): Figure[] => [
  ...workers.map((name) => ({ ...memoryFigure(name, pids), target: { atMost: MEMORY_MB } })),
  memoryFigure('web', pids),
];

const memoryFigure = (name: string, pids: ReadonlyMap<string, number>): Figure => ({
  key: `peakMemoryMB.${name}`,
  title: `peak memory, ${name}`,
  value: megabytes(peakResidentBytes(pids.get(name) ?? 0)),
  unit: 'MB resident',
});
