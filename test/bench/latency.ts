/**
 * `latency`: how long a customer waits while the shop is moderately busy. Orders come 100 a second by the clock, whatever became
 * of those before, and each one's time runs from the moment at which it was due: who waits for the intake, or for the
 * bench itself, waits.
 */
import { type Percentiles, percentiles } from '../../scripts/load/summary.js';
import { batchFigures } from './drain-figures.js';
import type { Placed } from './intake.js';
import { openLoadLimitMs, underOpenLoad } from './open-load.js';
import type { Figure, Scenario, ScenarioResult } from './scenario.js';
import { StatusWatch } from './status-watch.js';

const PER_SECOND = 100;

export const latency: Scenario = {
  name: 'latency',
  summary: `how long orders take to be taken, CONFIRMED and SHIPPED, when ${PER_SECOND} a second come for --seconds`,
  limitMs: openLoadLimitMs,
  run: (context) =>
    underOpenLoad(context, PER_SECOND, async ({ place, batches }) => {
      const watch = await StatusWatch.start(context.servers.urls.DATABASE_URL);
      try {
        const before = await batches();
        const { figures, checks } = resultOf(await place(), watch);
        return { figures: [...figures, ...batchFigures(await batches(), before)], checks };
      } finally {
        await watch.close();
      }
    }),
};

function resultOf(placed: readonly Placed[], watch: StatusWatch): ScenarioResult {
  const taken = percentiles(placed.map(({ dueAt, answeredAt }) => answeredAt - dueAt));
  const until = (status: string): Percentiles =>
    percentiles(placed.map(({ orderId, dueAt }) => (watch.when(orderId, status) ?? Number.NaN) - dueAt));
  const confirmed = until('CONFIRMED');
  const shipped = until('SHIPPED');
  return {
    figures: [
      ...figuresOf('taken', 'POST → 202', taken, { p99: 10 }),
      ...figuresOf('confirmed', 'POST → CONFIRMED', confirmed, { p50: 15, p99: 75 }),
      ...figuresOf('shipped', 'POST → SHIPPED', shipped),
    ],
    checks: [
      { what: 'orders seen CONFIRMED', expected: placed.length, found: confirmed.count },
      { what: 'orders seen SHIPPED', expected: placed.length, found: shipped.count },
    ],
  };
}

/** @param targets in milliseconds, at most */
function figuresOf(
  key: string,
  title: string,
  values: Percentiles,
  targets: { readonly p50?: number; readonly p99?: number } = {},
): Figure[] {
  const figure = (name: 'p50' | 'p99' | 'max', atMost?: number): Figure => ({
    key: `${key}${name === 'max' ? 'Max' : name.toUpperCase()}Ms`,
    title: `${title}, ${name === 'max' ? 'longest' : name}`,
    value: values[name],
    unit: 'ms',
    ...(atMost === undefined ? {} : { target: { atMost } }),
  });
  return [figure('p50', targets.p50), figure('p99', targets.p99), figure('max')];
}
