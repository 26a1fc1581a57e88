/**
 * The boundaries at which a process may die: between any two steps that others can see. Certification kills real processes
 * at each of them and looks whether anything was lost or done twice. Unless one is armed they cost a comparison.
 */
import type { Environment } from '../../config/environment.js';
import { EnvironmentFaults } from '../../config/variable.js';

/** By name; what has been done, and what has not. */
export const FAILPOINTS = {
  'delivery-received': 'a delivery has arrived; nothing is done with it',
  'redelivery-marked': 'what was delivered before bears its marks; nothing is done with it',
  'effect-begun': 'the states of an effect are loaded; nobody outside is asked yet',
  'effect-performed': 'the outside world has answered; nothing is committed',
  'commit-claimed': 'the inbox is claimed; nothing is decided',
  'commit-saved': 'the states are saved; the messages are being stored',
  'commit-stored': 'the messages are stored; nothing is committed',
  'commit-committed': 'the batch is committed; nothing is marked or acked',
  'settle-marked': 'Redis is told that the messages are handled; nothing is acked',
  'settle-acked': 'the messages are acked; what they led to stands in the outbox',
  'dispatch-published': 'messages are on their way to the broker; nothing is confirmed',
  'dispatch-confirmed': 'the broker has confirmed messages; they stand in the outbox',
  'dispatch-forgotten': 'messages are gone from the outbox',
  'failed-moved': 'the copy of a failed delivery is confirmed; the original is not acked',
  'dead-letter-filed': 'a dead letter is filed; what it was made of is not acked',
  'redrive-leased': 'letters are leased for being redriven; nothing is sent',
  'redrive-confirmed': 'the broker has confirmed what is redriven; that is noted nowhere',
  'replay-leased': 'a replay is leased for its next step; nothing is rehearsed or sent',
  'replay-confirmed': 'the broker has confirmed what is replayed; that is noted nowhere',
  'relay-leased': 'messages are leased for sending; nothing is sent',
  'timers-taken': 'timers that are due are taken off; nothing is committed',
  'timers-fired': 'timers have become messages; nothing is sent',
  'intake-claimed': 'the idempotency keys are claimed; no order is stored',
  'intake-stored': 'the orders and their commit are on their way to PostgreSQL, and perhaps committed',
  'intake-committed': 'the orders are committed; nobody has an answer, nothing is sent',
  'wish-stored': 'the wish to cancel, or to have a mail again, is stored; nothing is committed',
  'wish-committed': 'that wish is committed; nobody has an answer, nothing is sent',
} as const;

export type Failpoint = keyof typeof FAILPOINTS;

/** What the variable FAILPOINT says: where to die, or only to say which are passed. */
type Armed = { readonly name: Failpoint; passesLeft: number } | { readonly passed: Set<Failpoint> };

const TRACE = 'trace';

/** Long enough for what was written to leave the process. */
const LATER_MS = 3;

let armed: Armed | undefined;

/**
 * Arms the one that is set, if one is: `<name>` kills at the first pass, `<name>@3` at the third. `trace` kills nothing, and
 * prints `passed <name>` for each, the first time.
 * @throws {EnvironmentFaults} when there is no such failpoint, and in production
 */
export function armFailpoint({ failpoint: setting, nodeEnv }: Pick<Environment, 'failpoint' | 'nodeEnv'>): void {
  if (setting === '') return;
  if (nodeEnv === 'production') throw new EnvironmentFaults(['FAILPOINT kills the process; unset it in production']);
  if (setting === TRACE) {
    armed = { passed: new Set() };
    return;
  }
  const [, name = '', count = '1'] = /^([a-z-]+)(?:@([1-9]\d*))?$/.exec(setting) ?? [];
  if (!isFailpoint(name)) {
    const known = Object.keys(FAILPOINTS).join(', ');
    throw new EnvironmentFaults([
      `FAILPOINT must be one of ${known}, with @3 behind it for the third pass, or ${TRACE}`,
    ]);
  }
  armed = { name, passesLeft: Number(count) - 1 };
}

/** Kills the process here and now, if this failpoint is armed. */
export function failpoint(name: Failpoint): void {
  if (armed !== undefined && isItsTurn(name)) die(name);
}

/** Kills the process as soon as what it has just written to a socket may have left it. @param gatheredMs for which it is held back first */
export function failpointAfterWrite(name: Failpoint, gatheredMs = 0): void {
  if (armed !== undefined && isItsTurn(name)) setTimeout(die, gatheredMs + LATER_MS, name);
}

function isItsTurn(name: Failpoint): boolean {
  if (armed === undefined) return false;
  if ('passed' in armed) {
    if (!armed.passed.has(name)) process.stderr.write(`passed ${name}\n`);
    armed.passed.add(name);
    return false;
  }
  if (armed.name !== name) return false;
  armed.passesLeft -= 1;
  return armed.passesLeft < 0;
}

function die(name: Failpoint): void {
  process.stderr.write(`killed at ${name}\n`);
  process.kill(process.pid, 'SIGKILL');
}

function isFailpoint(name: string): name is Failpoint {
  return Object.hasOwn(FAILPOINTS, name);
}
