/** A check that is two statements: how many there are, and which are at fault. */
import type { Evidence } from './evidence.js';
import type { Found, Violation } from './invariant.js';

export interface SetWise<R> {
  /** Returns one number. */
  readonly count: string;
  /** Returns those at fault. */
  readonly faulty: string;
  /** The arguments of both: `$1` is always the scope's `since`, or null; these follow. */
  readonly values?: readonly unknown[];
  readonly violation: (row: R) => Violation;
}

export async function findSetWise<R extends object>(
  { database, scope }: Pick<Evidence, 'database' | 'scope'>,
  { count, faulty, values = [], violation }: SetWise<R>,
): Promise<Found> {
  const given = [scope.since ?? null, ...values];
  const counted = await database.query<{ count: number }>({ text: count, values: given });
  const { rows } = await database.query<R>({ text: faulty, values: given });
  return { checked: counted.rows[0]?.count ?? 0, violations: rows.map(violation) };
}

/** True of a UUID v7 made since `$1`, or of every one where `$1` is null. */
export const since = (id: string): string => `($1::timestamptz is null or ${id} >= uuid_v7_floor($1))`;
