/**
 * `processes`: what it costs to run more processes than there are cores, which wait for one another's rows: the drain with two and
 * with four processes of each worker, to the drain with one. That none of them meets another in a deadlock is checked by each.
 */
import { drain, drainWith } from './drain.js';
import { inTurn, turnsOf } from './in-turn.js';
import type { Figure, Scenario } from './scenario.js';

const SEVERAL = [2, 4] as const;
/** Of the speed with one process of each worker. */
const SPEED_AT_LEAST = 0.9;

export const processes: Scenario = {
  name: 'processes',
  summary: `how fast the fleet drains with ${SEVERAL.join(' and ')} processes of each worker, to how fast with one`,
  limitMs: (options) => turnsOf(SEVERAL.length) * drain.limitMs(options),
  async run(context) {
    const { plainPerSecond, others, checks } = await inTurn(
      context,
      { name: 'one process of each worker', run: () => drainWith(context) },
      SEVERAL.map((count) => ({
        name: `${count} processes of each worker`,
        run: () => drainWith(context, { processes: count }),
      })),
    );
    const speed = (count: number, value: number): Figure => ({
      key: `perSecond.${count}`,
      title: `drained, processes of each worker: ${count}`,
      value,
      unit: 'orders/s',
    });
    return {
      figures: [
        speed(1, plainPerSecond),
        ...others.flatMap(({ perSecond }, at): Figure[] => {
          const count = SEVERAL[at] ?? Number.NaN;
          return [
            speed(count, perSecond),
            {
              key: `toOne.${count}`,
              title: `${count} processes, to one`,
              value: perSecond / plainPerSecond,
              unit: '',
              target: { atLeast: SPEED_AT_LEAST },
            },
          ];
        }),
      ],
      checks,
    };
  },
};
