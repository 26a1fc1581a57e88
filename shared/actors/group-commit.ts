/**
 * Commits a batch, in parts if it must: what only came too early is tried again, and when a statement fails for one message the
 * batch is split until that one is alone. One bad message harms only itself.
 */
import { failpoint } from '../observability/failpoint.js';
import { fileDeadLetters } from '../postgres/dead-letters.js';
import { databaseFailure, timedOutWaiting } from '../postgres/failure.js';
import {
  BatchTransaction,
  type BatchTransactionOptions,
  type Committed,
  type Ready,
  type Settled,
} from './batch-transaction.js';
import { TransientError } from './errors.js';
import type { Work } from './work.js';

export interface GroupCommitOptions extends BatchTransactionOptions {
  /** Waits before the next try while the database is away, and throws when the process has to stop. */
  readonly pause: (failures: number, error: unknown) => Promise<void>;
}

/** Times a batch is tried again at once because somebody else was faster. */
const CONFLICTS = 4;

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #transaction: BatchTransaction;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#transaction = new BatchTransaction(options);
  }

  /** Commits the batch, in parts if it must. Rejects only when the process has to stop while the database is away. */
  async commit(batch: readonly Ready[]): Promise<Committed> {
    let unavailable = 0;
    for (let conflicts = 0; ; ) {
      try {
        return await this.#transaction.commit(batch);
      } catch (error) {
        const failure = databaseFailure(error);
        if (failure === 'unavailable') {
          unavailable += 1;
          await this.#options.pause(unavailable, error);
        } else if (failure === 'conflict' && conflicts < CONFLICTS && !timedOutWaiting(error)) {
          conflicts += 1;
        } else {
          return this.#isolate(batch, error);
        }
      }
    }
  }

  /** A statement failed for one of them: halves, down to the one. */
  async #isolate(batch: readonly Ready[], error: unknown): Promise<Committed> {
    const [first] = batch;
    if (first !== undefined && batch.length === 1) {
      return { settled: [await this.#giveUp(first.work, contended(error))], messages: [] };
    }
    const middle = Math.ceil(batch.length / 2);
    const left = await this.commit(batch.slice(0, middle));
    const right = await this.commit(batch.slice(middle));
    return { settled: [...left.settled, ...right.settled], messages: [...left.messages, ...right.messages] };
  }

  /** Filed before the next of its order is committed, if it can be. */
  async #giveUp(work: Work, error: unknown): Promise<Settled> {
    const settled = this.#transaction.refused(work, error);
    if (settled.kind !== 'dead') return settled;
    try {
      await this.#options.database.transaction((transaction) => fileDeadLetters(transaction, [settled.letter]));
      failpoint('dead-letter-filed');
      return settled;
    } catch {
      return { kind: 'failed', work, error };
    }
  }
}

/** Nothing is wrong with a message that only came while others held its states. */
function contended(error: unknown): unknown {
  if (databaseFailure(error) !== 'conflict') return error;
  return new TransientError('state.contended', 'others hold its states; it is tried again later', { cause: error });
}
