/**
 * Commits a batch, in parts if it must: who only came at the same time as somebody else is tried again at once, and when
 * a statement fails for one of them the batch is halved until that one is alone. One bad member harms only itself.
 */
import { type DatabaseFailure, databaseFailure } from './failure.js';

/** A try of a part for which nothing is known to be wrong with the part itself. */
export interface FailedTry<T> {
  readonly kind: Exclude<DatabaseFailure, 'rejected'>;
  readonly part: readonly T[];
  readonly error: unknown;
  /** Tries of this part that failed in this way, this one included. */
  readonly times: number;
}

/** After `given-up` the part is tried no more, and has no result. */
export type AfterFailure = 'again' | 'halve' | 'given-up';

export interface PartCommit<T, R> {
  /** All or nothing. */
  readonly commit: (part: readonly T[]) => Promise<R>;
  /** Says what follows, after waiting if it must. A conflict is tried `again` four times, and then halved. */
  readonly onFailure: (failed: FailedTry<T>) => AfterFailure | Promise<AfterFailure>;
  /** What becomes of the one at fault. */
  readonly refuse: (one: T, error: unknown) => R | Promise<R>;
  /** @default databaseFailure */
  readonly failureOf?: (error: unknown) => DatabaseFailure | undefined;
}

/** Times a part is tried again at once because somebody else was faster. */
const CONFLICTS = 4;

/** The results of the parts, in their order; one after the other. Rejects only with what its options throw. */
export async function commitInParts<T, R>(batch: readonly T[], parts: PartCommit<T, R>): Promise<readonly R[]> {
  const { commit, onFailure, refuse, failureOf = databaseFailure } = parts;
  const failures = { unavailable: 0, conflict: 0 };
  for (;;) {
    let error: unknown;
    try {
      return [await commit(batch)];
    } catch (thrown) {
      error = thrown;
    }
    const kind = failureOf(error);
    if (kind === 'unavailable' || kind === 'conflict') {
      failures[kind] += 1;
      const after = await onFailure({ kind, part: batch, error, times: failures[kind] });
      if (after === 'given-up') return [];
      if (after === 'again' && failures.conflict <= CONFLICTS) continue;
    }
    const [first] = batch;
    if (first !== undefined && batch.length === 1) return [await refuse(first, error)];
    const middle = Math.ceil(batch.length / 2);
    const left = await commitInParts(batch.slice(0, middle), parts);
    return [...left, ...(await commitInParts(batch.slice(middle), parts))];
  }
}
