/** Orders a second that an intake takes from callers that never wait, while no worker runs: stored and sent, not handled. */
import { BenchFleet } from './bench-fleet.js';
import { Caller } from './caller.js';
import { callFor, type Taken } from './calling.js';
import type { Contestant } from './order-system.js';
import type { BenchContext, Check } from './scenario.js';
import { untilNone } from './until-drained.js';
import { benchOrders, SKUS } from './workload.js';

export const CALLERS = 200;
const WARM_UP_S = 3;
const MEASURE_S = 20;

export interface MeasuredIntake {
  readonly taken: Taken;
  readonly checks: readonly Check[];
}

export const measureIntake = (context: BenchContext, contestant: Contestant): Promise<MeasuredIntake> =>
  contestant.standing(context, async ({ fleet, database, key }) => {
    context.say(`${CALLERS} callers at the intake of ${contestant.title}`);
    const { taken, accepted, refused, unknown } = await callFast(context, fleet.webUrl, key);
    // Whatever the intake could not send by itself, as in the fleet.
    await fleet.startWorkers(['relay']);
    await untilNone(database, 'select count(*) from outbox', context.signal);
    const { rows } = await database.query<{ count: number }>({ text: 'select count(*) from orders' });
    const what = (of: string): string => `${of} by the intake of ${contestant.title}`;
    return {
      taken,
      checks: [
        { what: what('orders stored'), expected: accepted, found: rows[0]?.count ?? Number.NaN },
        { what: what('requests refused'), expected: 0, found: refused },
        { what: what('requests not answered'), expected: 0, found: unknown },
      ],
    };
  });

/** What a route takes that does nothing, which tells how fast the machine is just then; never profiled. @param seconds after the warm-up */
export async function measureEmptyRoute(context: BenchContext, seconds = MEASURE_S): Promise<Taken> {
  const { servers, signal, say } = context;
  const fleet = await BenchFleet.prepare({
    urls: servers.urls,
    folder: '.local/bench/empty-route',
    environment: {},
    profileFolder: undefined,
    signal,
    argumentsOf: () => ['dist/test/bench/empty-route.js'],
  });
  try {
    await fleet.startWeb();
    say(`${CALLERS} callers at an empty route`);
    return (await callFast(context, fleet.webUrl, 'none', seconds)).taken;
  } finally {
    await fleet.stop();
  }
}

async function callFast({ options, signal }: BenchContext, url: string, key: string, seconds = MEASURE_S) {
  const orders = benchOrders(Number.MAX_SAFE_INTEGER, options.lines, SKUS);
  const callers = Array.from({ length: CALLERS }, () => new Caller({ url, key }));
  try {
    const warmUp = await callFor(WARM_UP_S, { callers, orders, signal });
    const taken = await callFor(seconds, { callers, orders, signal });
    const both = (of: 'accepted' | 'refused' | 'unknown'): number => warmUp[of] + taken[of];
    return { taken, accepted: both('accepted'), refused: both('refused'), unknown: both('unknown') };
  } finally {
    for (const caller of callers) caller.close();
  }
}
