/**
 * Raises and resolves alerts. Pure. An alert is raised when its condition has been bad for as long as its rule says, and
 * resolved when it has been well for as long: what comes and goes in between is no news.
 */
import { type Alert, type Condition, keyOf, RULES } from './alert.js';

/** Of a subject of which nothing is known for so long, such as a worker that was removed, nobody is told any more. */
const FORGET_MS = 24 * 3_600_000;

/** The alerts after this round, in the order of the conditions and then as they were. */
export function evaluate(before: readonly Alert[], conditions: readonly Condition[], now: number): Alert[] {
  const known = new Map(before.map((alert) => [keyOf(alert), alert]));
  const after: (Alert | undefined)[] = [];
  for (const condition of conditions) {
    const key = keyOf(condition);
    after.push(next(known.get(key), condition, now));
    known.delete(key);
  }
  after.push(...[...known.values()].filter(({ knownAt }) => now - knownAt < FORGET_MS));
  return after.filter((alert) => alert !== undefined);
}

function next(alert: Alert | undefined, condition: Condition, now: number): Alert | undefined {
  const { rule, subject, level, state, summary } = condition;
  const { raiseAfterMs, resolveAfterMs } = RULES[rule];
  if (state === 'bad') {
    const stands = alert !== undefined && alert.phase !== 'resolved';
    const since = stands ? alert.since : now;
    const raised = alert?.phase === 'raised' || now - since >= raiseAfterMs;
    const phase = raised ? 'raised' : 'pending';
    return { rule, subject, level, summary, phase, since, knownAt: now, told: alert?.told ?? {} };
  }
  if (alert === undefined || (alert.phase === 'pending' && Object.keys(alert.told).length === 0)) return undefined;
  if (alert.phase === 'resolved') return { ...alert, knownAt: now };
  // Bad again before everybody was told that it was over, and now well once more: the end is still to be told.
  if (alert.phase === 'pending') return { ...alert, phase: 'resolved', knownAt: now };
  const { wellSince, ...standing } = alert;
  if (state === 'between') return { ...standing, level, summary, knownAt: now };
  const well = wellSince ?? now;
  if (now - well >= resolveAfterMs) return { ...standing, level, phase: 'resolved', knownAt: now };
  return { ...standing, level, wellSince: well, knownAt: now };
}
