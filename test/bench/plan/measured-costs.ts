/** What an order costs, from results of the bench. Pure. */
import type { KeptResult } from '../results.js';
import { type LoadCurve, type LoadPoint, loadCurve } from './load-curve.js';

export interface MeasuredCosts {
  /** What each part has cores busy with; of web and a worker one process, of a server all of it. */
  readonly cores: ReadonlyMap<string, LoadCurve>;
  readonly workers: readonly string[];
  /** Resident memory of a process at its peak, in megabytes. */
  readonly memoryMB: ReadonlyMap<string, number>;
  /** Messages handled of an order, by actor, which each have a queue. */
  readonly deliveries: ReadonlyMap<string, number>;
  /** Of an order, from the request to the last mail. */
  readonly events: number;
  readonly walBytes: number;
  readonly transactions: number;
  readonly redisCommands: number;
  readonly databaseBytes: number;
  readonly eventLogBytes: number;
  readonly inboxBytes: number;
  /** Cores that all parts of the bench took for an order a second, those of others' servers included. */
  readonly coreSecondsOfAll: number;
  /** Cores that they got together while the fleet had more to do than it could. */
  readonly coresBusy: number;
  /** Of the machine that it was measured on. */
  readonly measuredCores: number;
  readonly drainedPerSecond: number;
  readonly cpu: string;
  /** One line a result that it was fitted from. */
  readonly from: readonly string[];
}

/** There is nothing to plan from. */
export class NothingMeasured extends Error {
  override readonly name = 'NothingMeasured';
}

const SERVERS = ['postgres', 'rabbitmq', 'redis'];
/** Of the bench, not of Warren. */
const APPARATUS = ['provider', 'mail-sink', 'bench'];
const SUMS = ['all', 'workers'];
const CPU = 'cpuMsPerOrder';

/**
 * From the newest `drain` that has all of it; from the newest `idle` what it takes at rest; and, where there is one, from the
 * newest `cost` what an order costs while few come and little is committed together.
 * @param kept results, the newest first
 * @throws {NothingMeasured}
 */
export function measuredCosts(kept: readonly KeptResult[]): MeasuredCosts {
  const measured = kept.flatMap(({ path, result: { environment, scenarios } }) =>
    scenarios.map(({ scenario, options, figures }) => ({
      path,
      environment,
      scenario,
      lines: `${options['lines']} lines an order`,
      figures: new Figures(path, figures),
    })),
  );
  const drained = measured.find(({ scenario, figures }) => scenario === 'drain' && figures.has('walBytesPerOrder'));
  if (drained === undefined)
    throw new NothingMeasured('there is no result to plan from: npm run bench -- drain --save makes one');
  const { figures } = drained;
  const steady = measured.find(({ scenario }) => scenario === 'cost');
  const idle = measured.find(({ scenario }) => scenario === 'idle');

  const parts = [...figures.under(CPU).keys()].filter((part) => !SUMS.includes(part) && !APPARATUS.includes(part));
  const perSecond = figures.number('shippedPerSecond');
  const points = (part: string): LoadPoint[] => [
    { ordersPerSecond: 0, cores: (idle?.figures.under('idleShare').get(part) ?? 0) / 100 },
    ...(steady === undefined ? [] : [pointOf(rateOf(steady.figures), steady.figures.under(CPU).get(part))]),
    pointOf(
      part === 'web' ? figures.number('intakePerSecond') : perSecond,
      (figures.under(CPU).get(part) ?? 0) + (figures.under('intakeCpuMsPerOrder').get(part) ?? 0),
    ),
  ];
  return {
    cores: new Map(parts.map((part) => [part, loadCurve(points(part))])),
    workers: parts.filter((part) => part !== 'web' && !SERVERS.includes(part)),
    memoryMB: figures.under('peakMemoryMB'),
    deliveries: figures.under('deliveriesPerOrder'),
    events: figures.number('eventsPerOrder'),
    walBytes: figures.number('walBytesPerOrder'),
    transactions: figures.number('transactionsPerOrder'),
    redisCommands: figures.number('redisCommandsPerOrder'),
    databaseBytes: figures.number('databaseBytesPerOrder'),
    eventLogBytes: figures.number('eventLogBytesPerOrder'),
    inboxBytes: figures.number('inboxBytesPerOrder'),
    coreSecondsOfAll: figures.number(`${CPU}.all`) / 1000,
    coresBusy: figures.number('coresBusy'),
    measuredCores: drained.environment.cores,
    drainedPerSecond: perSecond,
    cpu: drained.environment.cpu,
    from: [
      `${drained.path} at ${Math.round(perSecond)} orders/s, ${drained.lines}`,
      ...(steady === undefined
        ? []
        : [`${steady.path} at ${Math.round(rateOf(steady.figures))} orders/s, ${steady.lines}`]),
      ...(idle === undefined ? [] : [`${idle.path} at rest`]),
    ],
  };
}

/** Orders a second over all of what was measured: cores are what an order costs, times so many of them. */
const rateOf = (figures: Figures): number => (figures.number('coresBusy') * 1000) / figures.number(`${CPU}.all`);

const pointOf = (ordersPerSecond: number, cpuMs = 0): LoadPoint => ({
  ordersPerSecond,
  cores: (ordersPerSecond * cpuMs) / 1000,
});

/** The figures of a scenario, by key. */
class Figures {
  readonly #path: string;
  readonly #values: Readonly<Record<string, number | null>>;

  constructor(path: string, values: Readonly<Record<string, number | null>>) {
    this.#path = path;
    this.#values = values;
  }

  has(key: string): boolean {
    return typeof this.#values[key] === 'number';
  }

  /** @throws {NothingMeasured} when it is missing */
  number(key: string): number {
    const value = this.#values[key];
    if (typeof value !== 'number') throw new NothingMeasured(`${this.#path} has no ${key}: measure it on Linux`);
    return value;
  }

  /** Those called `<group>.<name>`, by name. */
  under(group: string): ReadonlyMap<string, number> {
    return new Map(
      Object.entries(this.#values).flatMap(([key, value]) =>
        key.startsWith(`${group}.`) && value !== null ? [[key.slice(group.length + 1), value] as const] : [],
      ),
    );
  }
}
