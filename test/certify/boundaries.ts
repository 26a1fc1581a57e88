/** Kills each part of the fleet at each boundary that it passes, and sees its orders come to their ends. */
import { FAILPOINTS, type Failpoint } from '../../shared/observability/failpoint.js';
import { DEAD_LETTERS } from '../../shared/rabbitmq/topology.js';
import { until } from '../support/until.js';
import { type Act, happeningFor } from './happenings.js';
import type { Part, Stand } from './stand.js';

/** A failed effect waits for the claims of the dead, and for the ladder. */
const RECOVERS_WITHIN_MS = 60_000;
const PASSES_WITHIN_MS = 30_000;

/** What became of killing one part at one boundary. */
export interface Cell {
  readonly part: Part;
  readonly failpoint: Failpoint;
  readonly orderIds: readonly string[];
  /** From the start of it all until the last of its orders was at its end. */
  readonly tookMs: number;
  /** What went wrong, if anything; the audit may find more. */
  readonly faults: readonly string[];
}

/** One boundary for each way in which a part can be made to pass boundaries. */
const SHOWN: readonly [Part, Failpoint][] = [
  ['web', 'dispatch-forgotten'],
  ['payment', 'failed-moved'],
  ['relay', 'dispatch-forgotten'],
  ['scheduler', 'timers-fired'],
  ['dead-letters', 'redrive-confirmed'],
  ['orders', 'replay-confirmed'],
];

/** Which boundaries each part passes, by having it say so. @throws {Error} when one is not passed that must be */
export async function trace(stand: Stand): Promise<Map<Part, Set<Failpoint>>> {
  stand.always = { FAILPOINT: 'trace' };
  for (const part of stand.parts) await stand.restart(part);
  const poisonable = stand.parts.filter((part) => stand.hasQueue(part));
  const actors = poisonable.filter((part) => part !== DEAD_LETTERS);
  const shown = [
    ...SHOWN,
    ...poisonable.map((part): [Part, Failpoint] => [part, 'dead-letter-filed']),
    ...actors.map((part): [Part, Failpoint] => [part, 'redelivery-marked']),
  ];
  for (const [part, failpoint] of shown) {
    const act: Act = async (happening) => {
      await happening();
      const passed = () => stand.passedBy(part).has(failpoint);
      await until(`${part} passes ${failpoint}`, passed, PASSES_WITHIN_MS);
    };
    const orderIds = await happeningFor(part, failpoint)(stand, part, act);
    await stand.unfinished(orderIds, RECOVERS_WITHIN_MS);
  }
  stand.always = {};
  return new Map(stand.parts.map((part) => [part, stand.passedBy(part)]));
}

/** Boundaries that no part passes: nothing certifies them. */
export const unpassed = (passed: ReadonlyMap<Part, ReadonlySet<Failpoint>>): Failpoint[] =>
  // Its keys are the names of the failpoints.
  (Object.keys(FAILPOINTS) as Failpoint[]).filter((name) => ![...passed.values()].some((names) => names.has(name)));

export async function certifyCell(stand: Stand, part: Part, failpoint: Failpoint): Promise<Cell> {
  const began = performance.now();
  const orderIds: string[] = [];
  const faults: string[] = [];
  try {
    const act: Act = (happening) => stand.killAt(part, failpoint, happening);
    orderIds.push(...(await happeningFor(part, failpoint)(stand, part, act)));
    for (const id of await stand.unfinished(orderIds, RECOVERS_WITHIN_MS)) faults.push(`order ${id} is not at its end`);
  } catch (error) {
    faults.push((error as Error).message);
  }
  return { part, failpoint, orderIds, tookMs: performance.now() - began, faults };
}
