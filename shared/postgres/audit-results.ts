/** What the last standing audit found, where every process can read it, also one that started after it. */
import type { Database } from './database.js';

export interface AuditResult {
  /** Its number. */
  readonly invariant: number;
  /** What it says; null where a release before this one audited. */
  readonly title: string | null;
  readonly checked: number;
  /** A check that could not be done counts as one. */
  readonly violations: number;
}

export interface StoredAuditResult extends AuditResult {
  readonly auditedAt: Date;
}

export async function saveAuditResults(database: Database, results: readonly AuditResult[]): Promise<void> {
  await database.query({
    text: `insert into audit_results (invariant, title, checked, violations)
           select * from unnest($1::integer[], $2::text[], $3::bigint[], $4::bigint[])
             as new (invariant, title, checked, violations) order by 1
           on conflict (invariant) do update set title = excluded.title, checked = excluded.checked,
             violations = excluded.violations, audited_at = excluded.audited_at`,
    values: [
      results.map(({ invariant }) => invariant),
      results.map(({ title }) => title),
      results.map(({ checked }) => checked),
      results.map(({ violations }) => violations),
    ],
  });
}

/** By number; none before the first audit. */
export async function auditResults(database: Database): Promise<StoredAuditResult[]> {
  const { rows } = await database.query<StoredAuditResult>({
    text: `select invariant, title, checked, violations, audited_at as "auditedAt" from audit_results order by invariant`,
  });
  return rows;
}
