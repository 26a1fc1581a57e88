/** What a chaos run came to: its timeline, the faults with how long recovery took, the orders, the audit. Pure. */

import { isSound } from '../../audit/auditor.js';
import { grouped } from '../../audit/grouped.js';
import type { LoggedRequest } from '../../audit/sources/request-log.js';
import { auditLines } from '../../scripts/audit/report.js';
import type { Summary } from '../../scripts/load/summary.js';
import { tableLines } from '../../scripts/table.js';
import type { Happening } from './injection.js';
import { type OrderTimes, recoveryOf, timed, windowsOf } from './recovery.js';
import type { Judgement } from './verdict.js';

export interface ChaosResult extends Judgement {
  readonly startedAt: number;
  /** When the fleet had come to rest. */
  readonly restedAt: number;
  readonly happenings: readonly Happening[];
  readonly orders: readonly OrderTimes[];
  readonly requests: readonly LoggedRequest[];
  readonly summary: Summary;
  /** What a process of the fleet did that a sound one does not do. */
  readonly complaints: readonly string[];
}

const WINDOW_MS = 5000;
const NAMED = 10;

export function reportLines(result: ChaosResult): string[] {
  const faults = faultsOf(result);
  return [
    ...timelineLines(result),
    '',
    ...faultLines(result),
    '',
    ...orderLines(result),
    '',
    ...auditLines(result, NAMED),
    '',
    ...faults.map((fault) => `✗ ${fault}`),
    faults.length === 0 ? 'Every invariant holds.' : `${faults.length} faults`,
  ];
}

/** All that must not be; empty for a run that proves something. */
export function faultsOf(result: ChaosResult): string[] {
  const { happenings, requests, complaints, verdicts, underWay } = result;
  const failed = requests.filter(({ kind }) => kind !== 'ok').length;
  return [
    ...complaints,
    ...(isSound(verdicts) ? [] : ['an invariant does not hold']),
    ...underWay.map((what) => `the fleet did not come to rest: ${what}`),
    ...(happenings.length === 0 ? ['no fault happened: nothing is proved'] : []),
    ...(failed > 0 && happenings.every(({ isUnnoticed }) => isUnnoticed)
      ? [`${failed} requests failed where nobody should have noticed anything`]
      : []),
  ];
}

function timelineLines({ startedAt, restedAt, orders, happenings }: ChaosResult): string[] {
  const told = timed(orders, startedAt, restedAt);
  const windows = windowsOf(startedAt, told, happenings, WINDOW_MS);
  const rows = windows.map(({ fromMs, placed, ended, faults }) => [
    clock(fromMs).padStart(6),
    String(placed).padStart(6),
    String(ended).padStart(5),
    '▪'.repeat(Math.min(60, Math.ceil(ended / 5))).padEnd(30),
    faults.join(', '),
  ]);
  const untold = orders.length - told.length;
  return [
    `  TIME  PLACED  ENDED  in ${WINDOW_MS / 1000} s`,
    ...rows.map((row) => row.join('  ').trimEnd()),
    ...(untold > 0
      ? [`${untold} orders are left out here and below: a process with a wrong clock told their times.`]
      : []),
  ];
}

function faultLines({ startedAt, restedAt, happenings, orders }: ChaosResult): string[] {
  const told = timed(orders, startedAt, restedAt);
  const rows = [...grouped(happenings, ({ name }) => name)].map(([name, ofName]) => {
    const recoveries = ofName.map((happening) => recoveryOf(happening, told));
    const longest = Math.max(...ofName.map(({ beganAt, healedAt }) => healedAt - beganAt));
    return [
      name,
      String(ofName.length),
      seconds(longest),
      seconds(slowest(recoveries.flatMap(({ worksAfterMs }) => worksAfterMs ?? []))),
      // One that was never over is the slowest.
      seconds(slowest(recoveries.map(({ caughtUpAfterMs }) => caughtUpAfterMs ?? Number.POSITIVE_INFINITY))),
    ];
  });
  return [
    ...tableLines([['FAULT', 'TIMES', 'LASTED', 'WORKS', 'CAUGHT UP'], ...rows]),
    'LASTED, at most, to the end of its heal. From there, at worst: WORKS, to the end of the first order placed afterwards;',
    'CAUGHT UP, until every order placed before was at its end (later faults count in).',
  ];
}

function orderLines({ summary, requests }: ChaosResult): string[] {
  const { placed, replayed, refused, shipped, cancelled } = summary;
  const indefinite = summary.orders - placed - replayed - sum(refused);
  const told = (kind: LoggedRequest['kind']): number => requests.filter((request) => request.kind === kind).length;
  return [
    `orders: ${summary.orders} asked for, ${placed + replayed} placed, ${shipped} shipped, ${sum(cancelled)} cancelled${listed(cancelled)}, ${sum(refused)} refused for good${listed(refused)}, ${indefinite} never given a definite answer`,
    `requests for orders: ${told('ok')} ok, ${told('refused')} refused, ${told('unknown')} unknown; each was repeated until the answer was definite, for two minutes at most`,
  ];
}

const slowest = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : Math.max(...values);
const seconds = (ms: number | undefined): string =>
  ms === undefined ? '–' : Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never';
const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
const listed = (counts: Readonly<Record<string, number>>): string => {
  const entries = Object.entries(counts);
  return entries.length === 0 ? '' : ` (${entries.map(([what, count]) => `${what} ${count}`).join(', ')})`;
};

/** Minutes and seconds. */
export const clock = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`;
