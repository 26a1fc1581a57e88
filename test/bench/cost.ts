/**
 * `cost`: the processor time of an order while the shop is moderately busy, when little is committed together: orders come 50 a
 * second by the clock. What the fleet takes at rest is part of it.
 */
import { costsOf, serverPids, spentBetween } from './costs.js';
import { batchFigures, costFigures } from './drain-figures.js';
import { openLoadLimitMs, underOpenLoad } from './open-load.js';
import type { Scenario } from './scenario.js';

const PER_SECOND = 50;

export const cost: Scenario = {
  name: 'cost',
  summary: `processor time of an order, by part, when ${PER_SECOND} a second come for --seconds`,
  limitMs: openLoadLimitMs,
  run: (context) =>
    underOpenLoad(context, PER_SECOND, async ({ fleet, processes, batches, place }) => {
      const roots = new Map([...fleet.pids, ...serverPids(context.servers), ['bench', process.pid]]);
      const batchesBefore = await batches();
      const beganAt = performance.now();
      const before = costsOf(roots);
      const { length: orders } = await place();
      const costs = { ...spentBetween(before, costsOf(roots)), inMs: performance.now() - beganAt };
      return {
        figures: [...costFigures(orders, processes, costs), ...batchFigures(await batches(), batchesBefore)],
        checks: [],
      };
    }),
};
