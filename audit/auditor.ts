/** Computes every invariant on the evidence there is, and says of each what it looked at and whom it found. */
import { type Dossier, dossiersOf } from './dossier.js';
import type { Evidence } from './evidence.js';
import type { Check, Found, Holds, Invariant, Judge, OrderCheck, Violation } from './invariant.js';
import { INVARIANTS } from './invariants/all.js';
import { NoEvidence } from './no-evidence.js';

/**
 * What became of a check:
 * - `checked`: see what it found; with 0 checked there was nothing to look at.
 * - `left-out`: on purpose. - `unreached`: it should have been done and could not be; that is no pass.
 */
export type Outcome =
  | ({ readonly kind: 'checked' } & Found)
  | { readonly kind: 'left-out' | 'unreached'; readonly why: string };

export interface Verdict {
  readonly number: number;
  readonly title: string;
  readonly what: string;
  readonly holds: Holds;
  readonly outcome: Outcome;
}

/** In the order of the invariants and their checks. Never rejects for what a check runs into. */
export async function audit(evidence: Evidence, invariants: readonly Invariant[] = INVARIANTS): Promise<Verdict[]> {
  const outcomes = new Map<Check, Outcome>();
  const toDo = invariants
    .flatMap(({ checks }) => checks)
    .filter((check) => {
      const postponed = check.holds === 'when-quiet' && evidence.scope.settledForMs !== undefined;
      if (postponed) outcomes.set(check, { kind: 'left-out', why: 'holds only when the fleet is quiet' });
      return !postponed;
    });
  // One at a time: it must not take more of the database than it has to.
  for (const check of toDo) {
    if ('find' in check)
      outcomes.set(check, await outcomeOf(async () => ({ kind: 'checked', ...(await check.find(evidence)) })));
  }
  const ofOrders = toDo.filter((check) => 'judge' in check);
  for (const [check, outcome] of await judgeOrders(ofOrders, evidence)) outcomes.set(check, outcome);
  return invariants.flatMap(({ number, title, checks }) =>
    checks.map((check): Verdict => {
      const outcome = outcomes.get(check) ?? { kind: 'unreached', why: 'it was not done' };
      return { number, title, what: check.what, holds: check.holds, outcome };
    }),
  );
}

/** True when every check that was asked for was done and found nobody. */
export function isSound(verdicts: readonly Verdict[]): boolean {
  return verdicts.every((verdict) => faultsOf(verdict) === 0);
}

/** How many violations a check comes to; one that could not be done is one. */
export function faultsOf({ outcome }: Pick<Verdict, 'outcome'>): number {
  return outcome.kind === 'checked' ? outcome.violations.length : Number(outcome.kind === 'unreached');
}

/** Reads the orders once for all the checks that look at orders. */
async function judgeOrders(checks: readonly OrderCheck[], evidence: Evidence): Promise<Map<OrderCheck, Outcome>> {
  const outcomes = new Map<OrderCheck, Outcome>();
  const judging: Judging[] = [];
  for (const check of checks) {
    const outcome = await outcomeOf(async () => {
      judging.push({ check, judge: await check.judge(evidence), checked: 0, violations: [], unreached: [] });
      return { kind: 'checked', checked: 0, violations: [] };
    });
    outcomes.set(check, outcome);
  }
  const read = await outcomeOf(async () => {
    for await (const order of dossiersOf(evidence)) {
      for (const one of judging) judgeOne(one, order);
    }
    return { kind: 'checked', checked: 0, violations: [] };
  });
  for (const one of judging) outcomes.set(one.check, read.kind === 'checked' ? cameTo(one) : read);
  return outcomes;
}

/** A check of orders while they are read. */
interface Judging {
  readonly check: OrderCheck;
  readonly judge: Judge;
  checked: number;
  readonly violations: Violation[];
  /** Why orders could not be looked into, one for each. */
  readonly unreached: string[];
}

/** An order that one check cannot look into is looked into by the others all the same. */
function judgeOne(one: Judging, order: Dossier): void {
  try {
    const faults = one.judge(order);
    if (faults === undefined) return;
    one.checked += 1;
    one.violations.push(...faults.map((what) => ({ orderId: order.id, what })));
  } catch (error) {
    if (!(error instanceof NoEvidence)) throw error;
    one.unreached.push(error.message);
  }
}

/** Orders that could not be looked into are no pass; what was found of others is told first. */
function cameTo({ checked, violations, unreached }: Judging): Outcome {
  const [first] = unreached;
  if (first === undefined) return { kind: 'checked', checked, violations };
  const why = `${unreached.length} of ${checked + unreached.length} orders could not be looked into, as ${first}`;
  return violations.length === 0
    ? { kind: 'unreached', why }
    : { kind: 'checked', checked, violations, remarks: [why] };
}

/** Whatever keeps one check from being done keeps it from being passed, and no other. */
async function outcomeOf(act: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof NoEvidence) return { kind: error.kind, why: error.message };
    return { kind: 'unreached', why: error instanceof Error ? error.message : String(error) };
  }
}
