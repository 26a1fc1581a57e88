/**
 * `slow-provider`: whether a payment provider that takes its time holds up the fleet. The drain whose authorizations take 200 ms
 * each at the provider, to the drain whose authorizations take none, both with one payment process that has enough of them under
 * way: to authorize 600 orders a second at 200 ms each, 120 have to be (Little's law), and while a batch commits none
 * is begun in its place, so it is given twice that.
 */
import { setSandbox } from '../support/sandbox-settings.js';
import { drain, drainWith } from './drain.js';
import { inTurn, turnsOf } from './in-turn.js';
import type { BenchContext, Scenario, ScenarioResult } from './scenario.js';
import { benchLines, benchOrder, benchStock, SKUS, type Workload } from './workload.js';

const SLOW_MS = 200;
/** What an operator sets who has such a provider (docs/configuration.md). */
const AT_ONCE = { PAYMENT_CONCURRENCY: '240', PAYMENT_CONNECTIONS: '240', PAYMENT_PREFETCH: '500' };
/** Of the speed with a provider that answers at once. */
const SPEED_AT_LEAST = 0.8;

export const slowProvider: Scenario = {
  name: 'slow-provider',
  summary: `how fast the fleet drains when an authorization takes ${SLOW_MS} ms, to how fast when it takes none`,
  limitMs: (options) => turnsOf(1) * drain.limitMs(options),
  async run(context) {
    const quick = { name: 'authorizations at once', run: () => drainSlow(context, 0) };
    const slow = { name: `authorizations of ${SLOW_MS} ms`, run: () => drainSlow(context, SLOW_MS) };
    const { plainPerSecond, others, checks } = await inTurn(context, quick, [slow]);
    const slowPerSecond = others[0]?.perSecond ?? Number.NaN;
    return {
      figures: [
        { key: 'quickPerSecond', title: 'drained, authorizations at once', value: plainPerSecond, unit: 'orders/s' },
        { key: 'slowPerSecond', title: `drained, ${SLOW_MS} ms each`, value: slowPerSecond, unit: 'orders/s' },
        {
          key: 'slowToQuick',
          title: `${SLOW_MS} ms each, to at once`,
          value: slowPerSecond / plainPerSecond,
          unit: '',
          target: { atLeast: SPEED_AT_LEAST },
        },
      ],
      checks,
    };
  },
};

const drainSlow = (context: BenchContext, slowMs: number): Promise<ScenarioResult> =>
  drainWith(context, {
    workload: slowWorkload(context.options),
    environment: AT_ONCE,
    prepare: ({ fleet }) => setSandbox(fleet.providerUrl, { slowMs }),
  });

/** Orders with the token that the sandbox provider authorizes as slowly as it is told to. */
const slowWorkload = ({ orders, warmUp, lines }: BenchContext['options']): Workload => ({
  stock: benchStock(SKUS, orders + warmUp, lines),
  *orders(count, first) {
    for (let at = first; at < first + count; at++) yield benchOrder(at, benchLines(at, lines, SKUS), 'tok_slow');
  },
});
