/** What the readings of the fleet mean. Pure. Of what is not known nothing is said, and alerts about it stay as they are. */
import type { FleetReadings, QueueReading } from '../fleet-readings.js';
import type { Condition } from './alert.js';

export interface Thresholds {
  /** A message that waits longer is too late, in seconds. */
  readonly lagS: number;
  /** So is one that stands in the outbox for longer. */
  readonly outboxS: number;
}

/** A threshold is left only when half of it is reached: what sways around it is told once. */
const WELL_BELOW = 0.5;

export function conditionsOf(
  { queues, outbox, letters, audit, notices }: FleetReadings,
  { lagS, outboxS }: Thresholds,
): Condition[] {
  const openOf = new Map<string, Map<string, number>>();
  for (const { queue, consumed } of queues) if (consumed) openOf.set(queue, new Map());
  for (const { actor, code, status, count } of letters) {
    const codes = openOf.get(actor) ?? new Map<string, number>();
    if (status === 'open') codes.set(code, (codes.get(code) ?? 0) + count);
    openOf.set(actor, codes);
  }
  return [
    ...queues.flatMap(consumption),
    ...queues.flatMap((reading) => waiting(reading, lagS)),
    tooOld('outbox', 'outbox', outbox.oldestMs, outboxS, (age) => {
      return `${outbox.depth} messages are not sent, the oldest for ${age}`;
    }),
    ...[...openOf].map(([actor, codes]) => deadLetters(actor, codes)),
    ...audit.map(
      ({ invariant, violations }): Condition => ({
        rule: 'audit',
        subject: String(invariant),
        level: violations,
        state: violations > 0 ? 'bad' : 'well',
        summary: `the audit found ${violations} violations of invariant ${invariant}`,
      }),
    ),
    ...notices.map(
      ({ worker, subject, level, summary }): Condition => ({
        rule: 'notice',
        subject: `${worker} ${subject}`,
        level,
        state: level > 0 ? 'bad' : 'well',
        summary,
      }),
    ),
  ];
}

function consumption({ queue, consumed, consumers, waiting = 0, paused }: QueueReading): Condition[] {
  if (!consumed || consumers === undefined) return [];
  const state = consumers === 0 && paused === undefined ? 'bad' : 'well';
  const summary = `nobody takes from the queue ${queue}, where ${waiting} messages wait`;
  return [{ rule: 'no-consumer', subject: queue, level: consumers, state, summary }];
}

/** What waits behind a pause is told as that: nothing is wrong with the worker, and somebody may have forgotten it. */
function waiting({ queue, lagMs, paused }: QueueReading, lagS: number): Condition[] {
  if (lagMs === undefined) return [];
  const [pausedMs, laggingMs] = paused === undefined ? [0, lagMs] : [lagMs, 0];
  return [
    tooOld('paused', queue, pausedMs, lagS, (age) => {
      const why = paused === undefined ? '' : `, which ${paused.by} has paused: ${paused.reason}`;
      return `the oldest message has waited for ${age} for ${queue}${why}`;
    }),
    tooOld('lag', queue, laggingMs, lagS, (age) => `the oldest message for ${queue} has waited for ${age}`),
  ];
}

function tooOld(
  rule: 'paused' | 'lag' | 'outbox',
  subject: string,
  ageMs: number,
  thresholdS: number,
  summaryOf: (age: string) => string,
): Condition {
  const level = Math.round(ageMs / 1000);
  const state = level >= thresholdS ? 'bad' : level >= thresholdS * WELL_BELOW ? 'between' : 'well';
  return { rule, subject, level, state, summary: summaryOf(inWords(level)) };
}

function deadLetters(actor: string, codes: ReadonlyMap<string, number>): Condition {
  const level = [...codes.values()].reduce((sum, count) => sum + count, 0);
  const most = [...codes].sort(([, a], [, b]) => b - a).slice(0, MOST_CODES);
  const named = most.map(([code, count]) => `${count} ${code}`).join(', ');
  const summary = `${level} dead letters of ${actor} wait for somebody: ${named}`;
  return { rule: 'dead-letters', subject: actor, level, state: level > 0 ? 'bad' : 'well', summary };
}

/** Codes named in a summary. */
const MOST_CODES = 5;

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
