/** The audit as maintenance: while the fleet is at work, what holds at any moment and of orders at their end. */
import { auditChecked, auditViolations } from '../shared/observability/metrics.js';
import type { AuditResult } from '../shared/postgres/audit-results.js';
import { audit, faultsOf, type Verdict } from './auditor.js';
import type { Evidence, Queryable, Sources } from './evidence.js';
import { grouped } from './grouped.js';
import { listenersOfFleet } from './listeners.js';
import { leftOut } from './no-evidence.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export interface StandingAudit {
  readonly database: Queryable;
  /** Orders and messages of the last so many milliseconds. @default 259_200_000, three days */
  readonly lastMs?: number;
  /** An order counts as settled when nothing was said about it for so long, in milliseconds. @default 600_000 */
  readonly settledForMs?: number;
  /** Newest orders looked at one by one. @default 10_000 */
  readonly newest?: number;
  /** What else can be asked. @default nothing but the database */
  readonly sources?: Partial<Sources>;
}

const NOT_ASKED = leftOut('the standing audit asks the database only');

/**
 * Computes what holds at any time, and sets `warren_audit_violations` and `warren_audit_checked` by invariant. A check that
 * could not be done counts as a violation. Reads in statements of their own, one at a time, on one connection.
 */
export async function standingAudit({
  database,
  lastMs = 72 * HOUR_MS,
  settledForMs = 10 * MINUTE_MS,
  newest = 10_000,
  sources = {},
}: StandingAudit): Promise<Verdict[]> {
  const evidence: Evidence = {
    database,
    scope: { since: new Date(Date.now() - lastMs), settledForMs, newest },
    keyring: undefined,
    listeners: await listenersOfFleet(),
    databaseConnections: Number.POSITIVE_INFINITY,
    expectedDeadLetters: [],
    sources: {
      provider: NOT_ASKED,
      mail: NOT_ASKED,
      broker: NOT_ASKED,
      requests: NOT_ASKED,
      secrets: NOT_ASKED,
      ...sources,
    },
  };
  const verdicts = await audit(evidence);
  reportAudit(resultsOf(verdicts));
  return verdicts;
}

/** One result an invariant, by number. */
export function resultsOf(verdicts: readonly Verdict[]): AuditResult[] {
  return [...grouped(verdicts, (verdict) => verdict.number)].map(([invariant, ofInvariant]) => ({
    invariant,
    title: ofInvariant[0]?.title ?? null,
    checked: sum(ofInvariant.map(({ outcome }) => (outcome.kind === 'checked' ? outcome.checked : 0))),
    violations: sum(ofInvariant.map(faultsOf)),
  }));
}

/** Sets the metrics. */
export function reportAudit(results: readonly AuditResult[]): void {
  for (const { invariant, checked, violations } of results) {
    auditViolations.set({ invariant: String(invariant) }, violations);
    auditChecked.set({ invariant: String(invariant) }, checked);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
