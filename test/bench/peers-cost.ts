/** `peers-cost`: what an order costs the workers when few come, for Warren and for plain amqplib. */
import 'reflect-metadata';
import { endToEndFigures } from './end-to-end-figures.js';
import { measureEndToEnd } from './end-to-end-measure.js';
import { warren } from './order-system.js';
import { buildPeers } from './peer-build.js';
import { plainAmqplib } from './peer-system.js';
import type { Check, Figure, Scenario } from './scenario.js';

const ORDERS_A_SECOND = 50;
const OF_PLAIN = 1;
/** An order costs less when more come together: at another rate the costs say nothing. */
const OFF_AT_MOST = 0.05;

export const peersCost: Scenario = {
  name: 'peers-cost',
  summary: `processor time of an order at ${ORDERS_A_SECOND} orders a second, Warren's to plain amqplib's`,
  onlyWhenNamed: 'installs a peer from the registry when it runs first',
  limitMs: ({ seconds }) => 600_000 + seconds * 4000,
  async run(context) {
    await buildPeers(context);
    const figures: Figure[] = [];
    const checks: Check[] = [];
    for (const contestant of [warren, plainAmqplib]) {
      await context.servers.startEmpty();
      await contestant.standing(context, async (system) => {
        const measured = await measureEndToEnd(context, system, ORDERS_A_SECOND);
        figures.push(...endToEndFigures(measured, system.workers, contestant));
        const perSecond = (measured.shipped * 1000) / measured.windowMs;
        checks.push({
          what: `${contestant.title}: orders shipped a second, within ${OFF_AT_MOST * 100} %`,
          expected: ORDERS_A_SECOND,
          found: isNear(perSecond) ? ORDERS_A_SECOND : perSecond,
        });
        checks.push(...measured.checks.map((check) => ({ ...check, what: `${contestant.title}: ${check.what}` })));
      });
    }
    const workers = ({ name }: { readonly name: string }): number =>
      figures.find(({ key }) => key === `${name}.cpuMsPerOrder.workers`)?.value ?? Number.NaN;
    const share: Figure = {
      key: 'workersToPlain',
      title: 'CPU of the workers, to plain amqplib',
      value: workers(warren) / workers(plainAmqplib),
      unit: 'times',
      target: { atMost: OF_PLAIN },
    };
    return { figures: [share, ...figures], checks };
  },
};

const isNear = (perSecond: number): boolean => Math.abs(perSecond / ORDERS_A_SECOND - 1) <= OFF_AT_MOST;
