/** What the last standing audit found, where every process can read it, also one that started after it. */
import type { Database } from './database.js';

export interface AuditResult {
  /** Its number. */
  readonly invariant: number;
  readonly checked: number;
  /** A check that could not be done counts as one. */
  readonly violations: number;
}

export async function saveAuditResults(database: Database, results: readonly AuditResult[]): Promise<void> {
  await database.query({
    text: `insert into audit_results (invariant, checked, violations)
           select * from unnest($1::integer[], $2::bigint[], $3::bigint[]) as new (invariant, checked, violations) order by 1
           on conflict (invariant) do update
           set checked = excluded.checked, violations = excluded.violations, audited_at = excluded.audited_at`,
    values: [
      results.map(({ invariant }) => invariant),
      results.map(({ checked }) => checked),
      results.map(({ violations }) => violations),
    ],
  });
}

/** By number; none before the first audit. */
export async function auditResults(database: Database): Promise<AuditResult[]> {
  const { rows } = await database.query<AuditResult>({
    text: 'select invariant, checked, violations from audit_results order by invariant',
  });
  return rows;
}
