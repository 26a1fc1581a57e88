/**
 * Orders through HTTP until they are shipped, for a while: placed on kept connections as fast as they are shipped, so that a
 * slow system is not buried and a fast one is never idle. First a warm-up, until the time of it is over and the orders that may
 * be under way are shipped once; then the window; then all that is under way is let finish, and verified.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Percentiles, percentiles } from '../../scripts/load/summary.js';
import type { Database } from '../../shared/postgres/database.js';
import { NONE, perSecond, UnderWay } from './allowance.js';
import { type Costs, costsOf, serverPids, spentBetween } from './costs.js';
import type { OrderSystem } from './order-system.js';
import { peakResidentBytes } from './process-cost.js';
import type { BenchContext, Check } from './scenario.js';
import { ShippedCount } from './shipped-count.js';
import { SteadyOrders } from './steady-orders.js';
import { untilDrained } from './until-drained.js';
import { SKUS } from './workload.js';

const CALLERS = 100;
/** Placed and not yet shipped, about: what is shipped is counted once a second. */
const UNDER_WAY = 2000;
const WARM_UP_MS = 10_000;
/** At the rate that is measured, before it is. */
const LEAD_IN_MS = 5000;
/** A look takes the database 2 to 8 ms: less than 1 % of the machine. */
const LOOK_EVERY_MS = 1000;

export interface EndToEnd {
  /** In the window. */
  readonly shipped: number;
  readonly windowMs: number;
  /** From sending a request to its 202. */
  readonly acceptedMs: Percentiles;
  /** From OrderPlaced to OrderShipped, by the event log. */
  readonly shippedMs: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly costs: Costs;
  readonly peakBytes: ReadonlyMap<string, number>;
  readonly checks: readonly Check[];
}

/** @param rate orders a second; without it, as fast as they are shipped */
export async function measureEndToEnd(context: BenchContext, system: OrderSystem, rate?: number): Promise<EndToEnd> {
  const { options, servers, signal, say } = context;
  const { fleet, database, key, workers } = system;
  say(`starting all workers; ${WARM_UP_MS / 1000} s or more to warm them up`);
  await fleet.startWorkers(workers);
  const count = new ShippedCount(database);
  const beganAt = performance.now();
  const underWay = new UnderWay(UNDER_WAY);
  const orders = new SteadyOrders({
    url: fleet.webUrl,
    key,
    callers: CALLERS,
    lines: options.lines,
    skus: SKUS,
    allowance: underWay,
  });
  /** Lets orders flow until it is enough; returns what is shipped then. */
  const flow = async (isEnough: (shipped: number) => boolean): Promise<number> => {
    for (;;) {
      await pause(LOOK_EVERY_MS, undefined, { signal });
      orders.check();
      const shipped = await count.look();
      underWay.note(shipped, performance.now());
      if (isEnough(shipped)) return shipped;
    }
  };
  const roots = new Map([...fleet.pids, ...serverPids(servers), ['bench', process.pid]]);
  try {
    let shippedBefore = await flow((shipped) => performance.now() - beganAt > WARM_UP_MS && shipped >= UNDER_WAY);
    if (rate !== undefined) {
      orders.allowance = NONE;
      await flow((shipped) => orders.isAnswered && shipped === orders.accepted.length);
      const slowedAt = performance.now();
      orders.allowance = perSecond(rate, slowedAt, orders.accepted.length);
      shippedBefore = await flow(() => performance.now() - slowedAt > LEAD_IN_MS);
    }
    const from = { at: performance.now(), time: Date.now(), costs: costsOf(roots) };
    say(`warm; measuring for ${options.seconds} s`);
    const shippedAfter = await flow(() => performance.now() - from.at >= options.seconds * 1000 - LOOK_EVERY_MS / 2);
    const to = { at: performance.now(), time: Date.now(), costs: costsOf(roots) };
    await orders.stop();
    const shipped = shippedAfter - shippedBefore;
    say(`${Math.round((shipped * 1000) / (to.at - from.at))} orders a second; letting the rest finish, and verifying`);
    await untilDrained(database, { shipped: orders.accepted.length }, signal);
    const peakBytes = new Map([...fleet.pids].map(([name, pid]) => [name, peakResidentBytes(pid) ?? Number.NaN]));
    return {
      shipped,
      windowMs: to.at - from.at,
      acceptedMs: percentiles(
        orders.accepted.filter(({ at }) => at >= from.at && at < to.at).map(({ tookMs }) => tookMs),
      ),
      shippedMs: await shippedLatency(database, from.time, to.time),
      costs: spentBetween(from.costs, to.costs),
      peakBytes,
      checks: [
        { what: 'shipped orders, as counted on the way', expected: orders.accepted.length, found: await count.look() },
        ...(await system.verify(orders.accepted.length)),
      ],
    };
  } finally {
    orders.abandon();
  }
}

async function shippedLatency(database: Database, from: number, to: number): Promise<EndToEnd['shippedMs']> {
  const { rows } = await database.query<{ p50: number; p95: number; p99: number }>({
    text: `select percentile_cont(0.5) within group (order by ms) as p50, percentile_cont(0.95) within group (order by ms) as p95,
             percentile_cont(0.99) within group (order by ms) as p99
           from (
             select extract(epoch from shipped.occurred_at - placed.occurred_at)::float8 * 1000 as ms
             from event_log shipped join event_log placed using (correlation_id)
             where shipped.type = 'shipping.order-shipped' and placed.type = 'orders.order-placed'
               and shipped.occurred_at between $1 and $2) as latencies`,
    values: [new Date(from), new Date(to)],
  });
  return rows[0] ?? { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN };
}
