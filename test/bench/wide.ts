/**
 * `wide`: lines a second that the fleet works off when orders are as wide as a wholesaler's, up to 675 lines: by `--file` the
 * orders of a file in the format of the UCI "Online Retail" data set, otherwise orders drawn from its distributions.
 */
import { drainWith } from './drain.js';
import { speedOf } from './drain-figures.js';
import type { Scenario } from './scenario.js';
import { linesOf, retailWorkload, wideWorkload } from './wide-workload.js';

const LINES_A_SECOND = 15_000;

export const wide: Scenario = {
  name: 'wide',
  summary: 'lines a second that the fleet works off when orders have up to 675, those of --file or such as those',
  limitMs: ({ orders, warmUp }) => 240_000 + (orders + warmUp) * 60,
  async run(context) {
    const { file, orders, warmUp } = context.options;
    const workload = file === undefined ? wideWorkload(warmUp + orders) : await retailWorkload(file, warmUp + orders);
    const width = linesOf(workload.orders(orders, warmUp)) / orders;
    const { figures, checks } = await drainWith(context, { workload });
    return {
      figures: [
        {
          key: 'linesPerSecond',
          title: 'lines drained, to the last order SHIPPED',
          value: width * speedOf({ figures, checks }),
          unit: 'lines/s',
          target: { atLeast: LINES_A_SECOND },
        },
        { key: 'linesAnOrder', title: 'lines of an order, in the mean', value: width, unit: 'lines' },
        // So many orders a second are asked of narrow ones.
        ...figures.map(({ target, ...figure }) =>
          target === undefined || 'atLeast' in target ? figure : { ...figure, target },
        ),
      ],
      checks,
    };
  },
};
