/**
 * Commits a batch, in parts if it must: what only came too early is tried again, and when a statement fails for one message the
 * batch is split until that one is alone. One bad message harms only itself.
 */
import { failpoint } from '../observability/failpoint.js';
import { commitInParts } from '../postgres/commit-in-parts.js';
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

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  readonly #transaction: BatchTransaction;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
    this.#transaction = new BatchTransaction(options);
  }

  /** Commits the batch, in parts if it must. Rejects only when the process has to stop while the database is away. */
  async commit(batch: readonly Ready[]): Promise<Committed> {
    const parts = await commitInParts(batch, {
      commit: (part) => this.#transaction.commit(part),
      onFailure: async ({ kind, error, times }) => {
        if (kind === 'unavailable') await this.#options.pause(times, error);
        return timedOutWaiting(error) ? 'halve' : 'again';
      },
      refuse: async ({ work }, error): Promise<Committed> => ({
        settled: [await this.#giveUp(work, contended(error))],
        messages: [],
      }),
    });
    return {
      settled: parts.flatMap(({ settled }) => settled),
      messages: parts.flatMap(({ messages }) => messages),
    };
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
