/** The tables of certification. Pure. */
import { faultsOf, type Verdict } from '../../audit/auditor.js';
import { tableLines } from '../../scripts/table.js';
import { FAILPOINTS, type Failpoint } from '../../shared/observability/failpoint.js';
import type { Cell } from './boundaries.js';
import type { Part } from './stand.js';

/** Boundary by part: the seconds that its orders took from there to their ends, `✗` where something was wrong. */
export function cellLines(cells: readonly Cell[], parts: readonly Part[], verdicts: readonly Verdict[]): string[] {
  const offenders = new Set(verdicts.flatMap(violationsOf).flatMap((violation) => orderOf(violation) ?? []));
  const cellOf = (part: Part, failpoint: Failpoint): string => {
    const cell = cells.find((one) => one.part === part && one.failpoint === failpoint);
    if (cell === undefined) return '–';
    return isSound(cell, offenders) ? `${(cell.tookMs / 1000).toFixed(1)} s` : '✗';
  };
  // Its keys are the names of the failpoints.
  const failpoints = (Object.keys(FAILPOINTS) as Failpoint[]).filter((name) =>
    cells.some(({ failpoint }) => failpoint === name),
  );
  return tableLines([
    ['BOUNDARY', ...parts.map((part) => part.toUpperCase())],
    ...failpoints.map((failpoint) => [failpoint, ...parts.map((part) => cellOf(part, failpoint))]),
  ]);
}

/** Every fault, with where it was found. */
export function faultLines(cells: readonly Cell[], verdicts: readonly Verdict[]): string[] {
  const cellOf = (orderId: string): string => {
    const cell = cells.find(({ orderIds }) => orderIds.includes(orderId));
    return cell === undefined ? '' : ` (killed: ${cell.part} at ${cell.failpoint})`;
  };
  return [
    ...cells.flatMap(({ part, failpoint, faults }) => faults.map((fault) => `✗ ${part} at ${failpoint}: ${fault}`)),
    ...verdicts
      .filter((verdict) => faultsOf(verdict) > 0)
      .flatMap((verdict) => {
        const { number, what, outcome } = verdict;
        if (outcome.kind !== 'checked') return [`✗ invariant ${number}, ${what}: not checked: ${outcome.why}`];
        return outcome.violations.map((violation) => {
          const orderId = orderOf(violation);
          const whom = orderId === undefined ? '' : ` order ${orderId}${cellOf(orderId)}`;
          return `✗ invariant ${number}, ${what}:${whom} ${violation.what}`;
        });
      }),
  ];
}

/** Numbers of the invariants that do not hold. */
export const brokenBy = (verdicts: readonly Verdict[]): number[] => [
  ...new Set(verdicts.filter((verdict) => faultsOf(verdict) > 0).map(({ number }) => number)),
];

const violationsOf = ({ outcome }: Verdict) => (outcome.kind === 'checked' ? outcome.violations : []);

const orderOf = (violation: { readonly orderId?: string }): string | undefined => violation.orderId;

const isSound = ({ orderIds, faults }: Cell, offenders: ReadonlySet<string>): boolean =>
  faults.length === 0 && !orderIds.some((id) => offenders.has(id));
