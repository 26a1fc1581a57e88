/** The auditor's table, whom it found, and the same as one JSON object. Pure. */
import type { Verdict } from '../../audit/auditor.js';
import { isSound } from '../../audit/auditor.js';
import type { Violation } from '../../audit/invariant.js';

export interface AuditReport {
  readonly verdicts: readonly Verdict[];
  /** What was under way when the audit began. */
  readonly underWay: readonly string[];
}

/** @param shown violations named for each check; the rest is counted */
export function auditLines({ verdicts, underWay }: AuditReport, shown: number): string[] {
  const checked = verdicts.flatMap(({ outcome }) => (outcome.kind === 'checked' ? [outcome] : []));
  const violations = checked.reduce((sum, outcome) => sum + outcome.violations.length, 0);
  const notDone = verdicts.filter(({ outcome }) => outcome.kind === 'unreached').length;
  return [
    ...(underWay.length > 0 ? [`The fleet is not quiet: ${underWay.join(', ')}. It is judged all the same.`, ''] : []),
    ...table(verdicts),
    ...named(verdicts, shown),
    ...verdicts
      .flatMap(({ outcome }) => (outcome.kind === 'checked' ? (outcome.remarks ?? []) : []))
      .map((remark) => `Note: ${remark}.`),
    ...reasons(verdicts),
    '',
    `${count(violations)} violations in ${count(checked.length)} checks${notDone > 0 ? `; ${notDone} checks could not be done` : ''}`,
  ];
}

/** Everything that was found, for programs. */
export function auditJson({ verdicts, underWay }: AuditReport): string {
  return JSON.stringify({ sound: isSound(verdicts), underWay, verdicts });
}

function table(verdicts: readonly Verdict[]): string[] {
  const rows = verdicts.map(({ number, title, what, outcome }, at) => {
    const first = verdicts[at - 1]?.number !== number;
    const figures =
      outcome.kind === 'checked'
        ? [count(outcome.checked), count(outcome.violations.length)]
        : [outcome.kind === 'left-out' ? 'left out' : 'not checked', '–'];
    return [first ? String(number) : '', first ? title : '', what, ...figures];
  });
  const heading = ['#', 'INVARIANT', 'CHECK', 'CHECKED', 'VIOLATIONS'];
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 || at > 2 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(heading), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)];
}

function named(verdicts: readonly Verdict[], shown: number): string[] {
  return verdicts.flatMap(({ number, what, outcome }) => {
    if (outcome.kind !== 'checked' || outcome.violations.length === 0) return [];
    const rest = outcome.violations.length - shown;
    return [
      '',
      `${number}  ${what}: not so`,
      ...outcome.violations.slice(0, shown).map((violation) => `   ${culprit(violation)}: ${violation.what}`),
      ...(rest > 0 ? [`   … and ${count(rest)} more`] : []),
    ];
  });
}

function culprit({ orderId, subject }: Violation): string {
  return [orderId === undefined ? [] : `order ${orderId}`, subject ?? []].flat().join(', ') || 'the fleet';
}

/** Why checks were not done, once each; and which had nothing to look at. */
function reasons(verdicts: readonly Verdict[]): string[] {
  const why = verdicts.flatMap(({ outcome }) =>
    outcome.kind === 'checked' ? [] : [`${outcome.kind === 'left-out' ? 'Left out' : 'Not checked'}: ${outcome.why}.`],
  );
  const empty = verdicts.filter(({ outcome }) => outcome.kind === 'checked' && outcome.checked === 0);
  const lines = [
    ...new Set(why),
    ...(empty.length > 0
      ? [
          `Nothing to look at, so nothing is proved: ${empty.map(({ number, what }) => `${number} ${what}`).join('; ')}.`,
        ]
      : []),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

const count = (number: number): string => number.toLocaleString('en-GB');
