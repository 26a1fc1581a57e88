/** `end-to-end`: how many orders a second the fleet takes in through HTTP and ships, sustained. */
import 'reflect-metadata';
import { endToEndFigures } from './end-to-end-figures.js';
import { measureEndToEnd } from './end-to-end-measure.js';
import { warren } from './order-system.js';
import type { Scenario } from './scenario.js';

export const SHIPPED_A_SECOND = 900;

export const endToEnd: Scenario = {
  name: 'end-to-end',
  summary: 'orders a second from HTTP to SHIPPED for --seconds, with --lines lines each',
  limitMs: ({ seconds }) => 300_000 + seconds * 2000,
  run: (context) =>
    warren.standing(context, async (system) => {
      const measured = await measureEndToEnd(context, system);
      const [speed, ...rest] = endToEndFigures(measured, system.workers);
      return {
        figures: [...(speed ? [{ ...speed, target: { atLeast: SHIPPED_A_SECOND } }] : []), ...rest],
        checks: measured.checks,
      };
    }),
};
