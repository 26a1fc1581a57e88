/** What so many orders a second need. Pure. */
import { CONNECTIONS, KEPT_DAYS, ONE_CORE, type ServerSize, YEAR_DAYS } from './assumptions.js';
import type { MeasuredCosts } from './measured-costs.js';

export interface ProcessPlan {
  readonly name: string;
  readonly count: number;
  /** Busy, all of them together. */
  readonly cores: number;
  /** All of them together. */
  readonly memoryMB: number;
}

export interface Wish {
  readonly ordersPerSecond: number;
  /** Share of what a process or a server can do that it is to be busy with; the rest is for peaks and for those that die. */
  readonly utilisation: number;
}

/** Of servers `cores` are busy in all, and `coresOfEach` are what each is to have so that it is not busier than wished. */
export interface FleetPlan {
  readonly processes: readonly ProcessPlan[];
  readonly eventsPerSecond: number;
  readonly postgres: {
    readonly cores: number;
    readonly coresOfEach: number;
    readonly walMBPerSecond: number;
    readonly transactionsPerSecond: number;
    readonly connections: number;
    /** While the rate lasts day and night. */
    readonly growthGBADay: number;
    readonly afterAYearGB: number;
    /** As many, each with its share of the storefronts. */
    readonly servers: number;
  };
  readonly rabbitmq: {
    readonly cores: number;
    readonly coresOfEach: number;
    readonly deliveriesPerSecond: number;
    readonly connections: number;
    /** Queues that each actor needs. */
    readonly queues: ReadonlyMap<string, number>;
    /** As many nodes that lead queues; that each queue has copies on three is on top of it. */
    readonly servers: number;
  };
  readonly redis: {
    readonly cores: number;
    readonly commandsPerSecond: number;
    readonly connections: number;
    readonly servers: number;
  };
}

const DAY_S = 86_400;
const MEGA = 1e6;
const GIGA = 1e9;

export function planFor({ ordersPerSecond, utilisation }: Wish, costs: MeasuredCosts, server: ServerSize): FleetPlan {
  const processes = ['web', ...costs.workers].map((name) => processPlan(name, ordersPerSecond, utilisation, costs));
  const coresOf = (part: string): number => costs.cores.get(part)?.(ordersPerSecond) ?? 0;
  const perSecond = (perOrder: number): number => perOrder * ordersPerSecond;
  /** How many of them, each busy to the share that is wished. */
  const times = (need: number, one: number): number => Math.max(1, Math.ceil(need / (utilisation * one)));
  const growth = (bytes: number): number => (perSecond(bytes) * DAY_S) / GIGA;

  const walMBPerSecond = perSecond(costs.walBytes) / MEGA;
  const connections = connectionsOf(processes);
  const postgresServers = Math.max(
    times(coresOf('postgres'), server.cores),
    times(walMBPerSecond, server.walMBPerSecond),
    Math.ceil(connections.postgres / server.connections),
  );
  const rabbitmqServers = times(coresOf('rabbitmq'), server.cores);
  return {
    processes,
    eventsPerSecond: perSecond(costs.events),
    postgres: {
      servers: postgresServers,
      cores: coresOf('postgres'),
      coresOfEach: times(coresOf('postgres') / postgresServers, 1),
      walMBPerSecond,
      transactionsPerSecond: perSecond(costs.transactions),
      connections: connections.postgres,
      growthGBADay: growth(costs.databaseBytes),
      afterAYearGB: growth(1) * bytesAfterAYear(costs),
    },
    rabbitmq: {
      servers: rabbitmqServers,
      cores: coresOf('rabbitmq'),
      coresOfEach: times(coresOf('rabbitmq') / rabbitmqServers, 1),
      deliveriesPerSecond: perSecond(sum(costs.deliveries.values())),
      connections: connections.rabbitmq,
      queues: new Map(
        [...costs.deliveries].map(([actor, of]) => {
          const least = times(perSecond(of), server.queueMessagesPerSecond);
          // Of several queues each has one active consumer, so that with fewer queues than processes some would be idle.
          return [actor, least === 1 ? 1 : Math.max(least, countOf(actor, processes))];
        }),
      ),
    },
    redis: {
      cores: coresOf('redis'),
      commandsPerSecond: perSecond(costs.redisCommands),
      connections: connections.redis,
      servers: times(coresOf('redis'), ONE_CORE),
    },
  };
}

/** What a year of one order a day has left behind. */
function bytesAfterAYear({ databaseBytes, eventLogBytes, inboxBytes }: MeasuredCosts): number {
  const days = (kept: number): number => Math.min(kept, YEAR_DAYS);
  const forEver = databaseBytes - eventLogBytes - inboxBytes;
  return eventLogBytes * days(KEPT_DAYS.eventLog) + inboxBytes * days(KEPT_DAYS.inbox) + forEver * YEAR_DAYS;
}

const countOf = (name: string, processes: readonly ProcessPlan[]): number =>
  processes.find((process) => process.name === name)?.count ?? 1;

function processPlan(name: string, ordersPerSecond: number, utilisation: number, costs: MeasuredCosts): ProcessPlan {
  const curve = costs.cores.get(name) ?? (() => 0);
  let count = 1;
  // Each costs besides what one costs at rest, so the count is searched for and not divided.
  while (curve(ordersPerSecond / count) > utilisation * ONE_CORE) {
    if (curve(0) >= utilisation * ONE_CORE) throw new RangeError(`${name} is busier than that at rest`);
    count = Math.max(count + 1, Math.floor(count * GROW));
  }
  while (count > 1 && curve(ordersPerSecond / (count - 1)) <= utilisation * ONE_CORE) count -= 1;
  return {
    name,
    count,
    cores: count * curve(ordersPerSecond / count),
    memoryMB: count * (costs.memoryMB.get(name) ?? Number.NaN),
  };
}

/** By how much the search for a count goes up, before it comes down one by one. */
const GROW = 1.1;

/** At the defaults of the processes. */
export function connectionsOf(processes: readonly Pick<ProcessPlan, 'name' | 'count'>[]) {
  const open = (name: string, each: { readonly web: number; readonly worker: number }): number =>
    name === 'web' ? each.web : each.worker;
  const { postgres, rabbitmq, redis } = CONNECTIONS;
  return {
    postgres: sum(processes.map(({ name, count }) => count * open(name, postgres))),
    rabbitmq: sum(processes.map(({ name, count }) => count * open(name, rabbitmq))),
    redis: sum(
      processes.map(
        ({ name, count }) => count * (open(name, redis) + (name === 'scheduler' ? redis.schedulerBesides : 0)),
      ),
    ),
  };
}

const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
