/** Which part is full at how many orders a second, if there is one of each, and what is then to be done. Pure. */
import { EVENTS_AT_MOST, ONE_CORE, type ServerSize } from './assumptions.js';
import { planFor } from './fleet-plan.js';
import type { MeasuredCosts } from './measured-costs.js';

export interface Saturation {
  readonly part: string;
  /** From here on one of it is not enough. */
  readonly ordersPerSecond: number;
  readonly remedy: string;
  /** A process is added at once; a server that is full has to be split. */
  readonly kind: 'process' | 'server';
}

/** The first to be full first; what is not full at 100,000 events a second is left out. */
export function saturations(utilisation: number, costs: MeasuredCosts, server: ServerSize): Saturation[] {
  const most = EVENTS_AT_MOST / costs.events;
  const planAt = (ordersPerSecond: number) => planFor({ ordersPerSecond, utilisation }, costs, server);
  const fullAt = (isFull: (ordersPerSecond: number) => boolean): number => leastThat(isFull, most);
  const busy = (part: string, atMost: number) => (ordersPerSecond: number) =>
    (costs.cores.get(part)?.(ordersPerSecond) ?? 0) > utilisation * atMost;
  const processes = ['web', ...costs.workers].map(
    (name): Saturation => ({
      part: `one process of ${name}`,
      ordersPerSecond: fullAt(busy(name, ONE_CORE)),
      remedy: 'run more of it',
      kind: 'process',
    }),
  );
  const [actor, deliveries] = hottest(costs);
  const servers: Saturation[] = [
    {
      part: `the queue ${actor}`,
      ordersPerSecond: (utilisation * server.queueMessagesPerSecond) / deliveries,
      remedy: 'split it by consistent hash of the order id, one active consumer each',
      kind: 'server',
    },
    {
      part: `RabbitMQ's ${server.cores} cores`,
      ordersPerSecond: fullAt(busy('rabbitmq', server.cores)),
      remedy: 'a cluster, each exchange with its queues led by a node of its own',
      kind: 'server',
    },
    {
      part: `PostgreSQL's ${server.cores} cores`,
      ordersPerSecond: fullAt(busy('postgres', server.cores)),
      remedy: 'split it by storefront',
      kind: 'server',
    },
    {
      part: "PostgreSQL's write-ahead log",
      ordersPerSecond: (utilisation * server.walMBPerSecond * 1e6) / costs.walBytes,
      remedy: 'a faster volume, or split it by storefront',
      kind: 'server',
    },
    {
      part: "PostgreSQL's connections",
      ordersPerSecond: fullAt((rate) => planAt(rate).postgres.connections > server.connections),
      remedy: 'DATABASE_CONNECTIONS=1, a pooler in session mode, or split it by storefront',
      kind: 'server',
    },
    {
      part: "Redis's one core",
      ordersPerSecond: fullAt(busy('redis', ONE_CORE)),
      remedy: 'a server of its own for some workers: REDIS_URL of their processes',
      kind: 'server',
    },
  ];
  return [...processes, ...servers]
    .filter(({ ordersPerSecond }) => ordersPerSecond <= most)
    .sort((a, b) => a.ordersPerSecond - b.ordersPerSecond);
}

/** Orders a second that fill PostgreSQL's volume within a year of days and nights. */
export const yearFills = (costs: MeasuredCosts, server: ServerSize): number =>
  server.volumeGB / planFor({ ordersPerSecond: 1, utilisation: 1 }, costs, server).postgres.afterAYearGB;

/** The actor with the most messages of an order, and how many. */
function hottest({ deliveries }: MeasuredCosts): readonly [string, number] {
  const [most] = [...deliveries].sort(([, a], [, b]) => b - a);
  return most ?? ['of any actor', 0];
}

/** The least rate at which something is so that stays so; infinite when it is not so at the most. */
function leastThat(isSo: (ordersPerSecond: number) => boolean, most: number): number {
  if (!isSo(most)) return Number.POSITIVE_INFINITY;
  let [not, so] = [0, most];
  while (so - not > PRECISION * so) {
    const middle = (not + so) / 2;
    if (isSo(middle)) so = middle;
    else not = middle;
  }
  return so;
}

const PRECISION = 1e-4;
