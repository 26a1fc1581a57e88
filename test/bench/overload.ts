/**
 * `overload`: what the intake goes on doing when far more is asked of it than it can do.
 *
 * First as many callers as it takes to have it busy all the time, then forty times as many, each sending its next order as soon
 * as the one before was answered. One that is told to come again later does so when it was told.
 */
import { atMost } from '../../scripts/load/pace.js';
import type { Database } from '../../shared/postgres/database.js';
import type { BenchFleet } from './bench-fleet.js';
import { Caller } from './caller.js';
import { callFor, type Taken } from './calling.js';
import type { BenchContext, Check, Figure, Scenario, ScenarioResult } from './scenario.js';
import { withIntake } from './standing-intake.js';
import { benchOrders, benchStock, SKUS } from './workload.js';

const BUSY = 200;
const SPIKE = 40 * BUSY;
/** Connections opened at once, few enough for none to be lost. */
const CONNECTING = 200;
/** For the code to be compiled, and connections to stand. */
const WARM_UP_S = 3;
/** Before the spike and again after it: the tables grow meanwhile, and the machine's speed drifts. */
const BUSY_S = 20;
const SPIKE_S = 60;
/** What is accepted in the spike, of what is accepted before and after it. */
const GOODPUT_AT_LEAST = 0.9;

export const overload: Scenario = {
  name: 'overload',
  summary: `orders a second that the intake takes from ${BUSY} callers, and from ${SPIKE}, with --lines lines each`,
  limitMs: () => 300_000,
  run: (context) => {
    const stock = benchStock(SKUS, 1_000_000, context.options.lines);
    return withIntake(context, { stock, connections: 32, sandbox: false }, async ({ fleet, database, key }) => {
      const callers = Array.from({ length: SPIKE }, () => new Caller({ url: fleet.webUrl, key }));
      try {
        return await measure(context, { fleet, database, callers });
      } finally {
        for (const caller of callers) caller.close();
      }
    });
  },
};

interface Begun {
  readonly fleet: BenchFleet;
  readonly database: Database;
  readonly callers: readonly Caller[];
}

async function measure({ options, signal, say }: BenchContext, { fleet, database, callers }: Begun) {
  const orders = benchOrders(Number.MAX_SAFE_INTEGER, options.lines, SKUS);
  const asked = (count: number, seconds: number): Promise<Taken> =>
    callFor(seconds, { callers: callers.slice(0, count), orders, signal });
  say(`${BUSY} callers for ${WARM_UP_S} s to warm up, and for ${BUSY_S} s`);
  const warmUp = await asked(BUSY, WARM_UP_S);
  const before = await asked(BUSY, BUSY_S);
  say(`${Math.round(before.perSecond)} orders a second; ${SPIKE} callers connect`);
  await atMost(callers, CONNECTING, signal, (caller) => caller.connect());
  say(`${SPIKE} callers for ${SPIKE_S} s`);
  const spike = await asked(SPIKE, SPIKE_S);
  say(`${BUSY} callers again for ${BUSY_S} s`);
  const after = await asked(BUSY, BUSY_S);
  const web = await fleet.metricsOf('web');
  const full = [...web].filter(([name]) => name.startsWith('warren_intake_refused_total'));
  say(`refused by web: ${full.map(([name, count]) => `${name.replace(/.*full="(.*)".*/, '$1')} ${count}`).join(', ')}`);
  const all = [warmUp, before, spike, after];
  const accepted = all.reduce((sum, taken) => sum + taken.accepted, 0);
  const { rows } = await database.query<{ count: number }>({ text: 'select count(*) as count from orders' });
  const unknown = all.reduce((sum, taken) => sum + taken.unknown, 0);
  const stored = rows[0]?.count ?? Number.NaN;
  const checks: Check[] = [
    { what: 'orders stored', expected: accepted, found: stored },
    { what: 'requests without a definite answer', expected: 0, found: unknown },
  ];
  return { figures: figuresOf({ before, spike, after }, web), checks } satisfies ScenarioResult;
}

interface Phases {
  readonly before: Taken;
  readonly spike: Taken;
  readonly after: Taken;
}

function figuresOf({ before, spike, after }: Phases, web: ReadonlyMap<string, number>): Figure[] {
  const ms = (key: string, title: string, value: number): Figure => ({ key, title, value, unit: 'ms' });
  const taken = (key: string, title: string, { perSecond }: Taken): Figure => ({
    key,
    title: `taken, ${title}`,
    value: perSecond,
    unit: 'orders/s',
  });
  const busyPerSecond = (before.perSecond + after.perSecond) / 2;
  return [
    taken('beforePerSecond', `${BUSY} callers before`, before),
    taken('spikePerSecond', `${SPIKE} callers`, spike),
    taken('afterPerSecond', `${BUSY} callers after`, after),
    {
      key: 'goodput',
      title: `taken of ${SPIKE} callers, to that of ${BUSY}`,
      value: spike.perSecond / busyPerSecond,
      unit: '',
      target: { atLeast: GOODPUT_AT_LEAST },
    },
    ms('beforeP99Ms', `POST → 202, ${BUSY} callers before, p99`, before.latencyMs.p99),
    ms('spikeP50Ms', `POST → 202, ${SPIKE} callers, p50`, spike.latencyMs.p50),
    ms('spikeP99Ms', `POST → 202, ${SPIKE} callers, p99`, spike.latencyMs.p99),
    { key: 'refusedPerSecond', title: 'refused meanwhile', value: spike.refusedPerSecond, unit: '1/s' },
    {
      key: 'webMemoryMb',
      title: 'resident memory of web after it',
      value: (web.get('process_resident_memory_bytes') ?? Number.NaN) / 1_000_000,
      unit: 'MB',
    },
  ];
}
