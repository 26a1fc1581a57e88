/**
 * `peers`: Warren beside the same flow written with other libraries (`test/bench/peers/README.md`), one after the
 * other, Warren first; with several runs they are interleaved, so that a machine that grows slower or faster does so for all.
 */
import 'reflect-metadata';
import { SHIPPED_A_SECOND } from './end-to-end.js';
import { endToEndFigures } from './end-to-end-figures.js';
import { measureEndToEnd } from './end-to-end-measure.js';
import { CALLERS, measureEmptyRoute, measureIntake } from './intake-measure.js';
import { type Contestant, warren } from './order-system.js';
import { buildPeers } from './peer-build.js';
import { golevelup, plainAmqplib } from './peer-system.js';
import type { BenchContext, Check, Figure, Scenario, ScenarioResult } from './scenario.js';

const CONTESTANTS = [warren, golevelup, plainAmqplib];
/** Of Warren's speed to the peer's. */
const TIMES_GOLEVELUP = 8;
const TIMES_PLAIN = 5.5;
const INTAKE_OF_EMPTY_ROUTE = 0.2;
const INTAKE_TIMES_GOLEVELUP = 6;

export const peers: Scenario = {
  name: 'peers',
  summary: 'end-to-end and intake of Warren, of the same with @golevelup/nestjs-rabbitmq, and with plain amqplib',
  onlyWhenNamed: 'installs them from the registry when it runs first',
  limitMs: ({ seconds }) => 1_200_000 + seconds * 6000,
  async run(context) {
    await buildPeers(context);
    const shipping = await compareEndToEnd(context);
    const intake = await compareIntakes(context);
    return {
      figures: [...shipping.figures, ...intake.figures],
      checks: [...shipping.checks, ...intake.checks],
    };
  },
};

async function compareEndToEnd(context: BenchContext): Promise<ScenarioResult> {
  const figures: Figure[] = [];
  const checks: Check[] = [];
  const speeds = new Map<Contestant, number>();
  for (const contestant of CONTESTANTS) {
    await context.servers.startEmpty();
    await contestant.standing(context, async (system) => {
      const measured = await measureEndToEnd(context, system);
      speeds.set(contestant, (measured.shipped * 1000) / measured.windowMs);
      figures.push(...endToEndFigures(measured, system.workers, contestant));
      checks.push(...measured.checks.map((check) => ({ ...check, what: `${contestant.title}: ${check.what}` })));
    });
  }
  const speedOf = (contestant: Contestant): number => speeds.get(contestant) ?? Number.NaN;
  return {
    figures: [
      { ...SPEED, value: speedOf(warren) },
      ratio('timesGolevelup', 'shipped, to golevelup', speedOf(warren) / speedOf(golevelup), TIMES_GOLEVELUP),
      ratio('timesPlain', 'shipped, to plain amqplib', speedOf(warren) / speedOf(plainAmqplib), TIMES_PLAIN),
      ...figures,
    ],
    checks,
  };
}

async function compareIntakes(context: BenchContext): Promise<ScenarioResult> {
  await context.servers.startEmpty();
  const ours = await measureIntake(context, warren);
  const empty = await measureEmptyRoute(context);
  await context.servers.startEmpty();
  const theirs = await measureIntake(context, golevelup);
  const [our, their, limit] = [ours.taken.perSecond, theirs.taken.perSecond, empty.perSecond];
  const taken = (key: string, title: string, value: number): Figure => ({ key, title, value, unit: 'orders/s' });
  return {
    figures: [
      taken('warren.intakePerSecond', `Warren: intake, ${CALLERS} callers`, our),
      taken('golevelup.intakePerSecond', `golevelup: intake, ${CALLERS} callers`, their),
      taken('empty.intakePerSecond', `an empty route, ${CALLERS} callers`, limit),
      ratio('intakeOfEmptyRoute', 'intake, to an empty route', our / limit, INTAKE_OF_EMPTY_ROUTE),
      ratio('intakeTimesGolevelup', 'intake, to golevelup', our / their, INTAKE_TIMES_GOLEVELUP),
    ],
    checks: [...ours.checks, ...theirs.checks],
  };
}

const SPEED = {
  key: 'shippedPerSecond',
  title: 'through HTTP to SHIPPED',
  unit: 'orders/s',
  target: { atLeast: SHIPPED_A_SECOND },
};

const ratio = (key: string, title: string, value: number, atLeast: number): Figure => ({
  key,
  title,
  value,
  unit: 'times',
  target: { atLeast },
});
