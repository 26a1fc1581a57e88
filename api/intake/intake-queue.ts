/**
 * Group commit for requests: whatever waits when the previous batch has committed is the next batch. When that is enough to
 * be worth a commit, two commit side by side: one is decided while the database is at the other. One bad request harms
 * only itself, and nobody is told "stored" who is not.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { fitting } from '../../shared/actors/fitting.js';
import { commitInParts } from '../../shared/postgres/commit-in-parts.js';
import { databaseFailure } from '../../shared/postgres/failure.js';
import { Problem } from '../problem.js';
import { retryAfterS } from './room.js';

/** The answer to a commit was lost. Committing the same batch again must be harmless, and tells. */
export class CommitUnknown extends Error {
  override readonly name = 'CommitUnknown';
}

export interface IntakeQueueOptions<I, O> {
  /**
   * Commits all or nothing, and returns an outcome each, in their order. Two may be under way, of whatever requests.
   * @throws {CommitUnknown} when the answer to the commit was lost
   */
  readonly commit: (batch: readonly I[]) => Promise<readonly O[]>;
  /** Requests in a batch. @default 256 */
  readonly batchLimit?: number;
  /** How large a request is. @default 0 */
  readonly sizeOf?: (input: I) => number;
  /** Size of a batch; one request may be larger. @default 10000 */
  readonly batchSize?: number;
  /** Requests that may wait, and their size; what comes on top is refused. @default 5000 */
  readonly queueLimit?: number;
  /** @default 200000 */
  readonly queueSize?: number;
  /** Refused after waiting this long for a batch, in milliseconds. @default 10000 */
  readonly waitLimitMs?: number;
  /** Waits before a batch is tried again while the database is away, in milliseconds. @default [50, 250] */
  readonly retryDelaysMs?: readonly number[];
  readonly onWaiting?: (count: number) => void;
  /** A request was refused because too many wait, or it waited for too long. */
  readonly onRefused?: () => void;
}

/** Batches under way at most, as many as a process has connections to PostgreSQL unless told otherwise. */
const AT_ONCE = 2;
/** Requests that are committed beside a batch under way; half as many did no better, and cost more commits. */
const WORTH_ANOTHER = 64;
/** No further try is begun this long after the first, in milliseconds. */
const TRYING_AT_MOST_MS = 5000;
const RETRY_AFTER_S = 2;

interface Waiting<I, O> {
  readonly input: I;
  readonly size: number;
  readonly since: number;
  readonly resolve: (outcome: O) => void;
  readonly reject: (error: unknown) => void;
  /** The answer to a commit of it was lost: it may be stored. */
  unknown: boolean;
}

export class IntakeQueue<I, O> {
  readonly #options: Required<IntakeQueueOptions<I, O>>;
  #waiting: Waiting<I, O>[] = [];
  #size = 0;
  #running = 0;
  readonly #expiring: NodeJS.Timeout;

  constructor(options: IntakeQueueOptions<I, O>) {
    this.#options = {
      batchLimit: 256,
      sizeOf: () => 0,
      batchSize: 10_000,
      queueLimit: 5000,
      queueSize: 200_000,
      waitLimitMs: 10_000,
      retryDelaysMs: [50, 250],
      onWaiting: () => undefined,
      onRefused: () => undefined,
      ...options,
    };
    this.#expiring = setInterval(() => this.#expire(), this.#options.waitLimitMs / 10).unref();
  }

  /**
   * Resolves when the request is committed.
   * @throws {Problem} `intake.overloaded` or `intake.unavailable`: it is not stored; `intake.outcome-unknown`: perhaps
   */
  submit(input: I): Promise<O> {
    const { queueLimit, queueSize, sizeOf } = this.#options;
    const size = sizeOf(input);
    if (this.#waiting.length >= queueLimit || this.#size + size > queueSize) {
      this.#options.onRefused();
      return Promise.reject(overloaded());
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ input, size, since: performance.now(), resolve, reject, unknown: false });
      this.#size += size;
      this.#options.onWaiting(this.#waiting.length);
      if (this.#running === 0 || (this.#running < AT_ONCE && this.#worthAnother())) void this.#run();
    });
  }

  /** Stops watching for requests that wait too long. Call it when none is left. */
  close(): void {
    clearInterval(this.#expiring);
  }

  async #run(): Promise<void> {
    this.#running += 1;
    const { batchLimit, batchSize } = this.#options;
    // The last one leaves none behind; the other takes no small batches, or they would cost a commit each.
    while (this.#running === 1 ? this.#waiting.length > 0 : this.#worthAnother()) {
      const together = fitting(this.#waiting, { most: batchLimit, size: batchSize, sizeOf: ({ size }) => size });
      await this.#commit(this.#take(together));
    }
    this.#running -= 1;
  }

  /** Enough wait to be committed beside the batch that is under way. */
  #worthAnother(): boolean {
    const { batchLimit, batchSize } = this.#options;
    return this.#waiting.length >= Math.min(batchLimit, WORTH_ANOTHER) || this.#size >= batchSize;
  }

  /** Takes the first so many; they wait no longer. */
  #take(count: number): readonly Waiting<I, O>[] {
    const taken = this.#waiting.splice(0, count);
    for (const { size } of taken) this.#size -= size;
    this.#options.onWaiting(this.#waiting.length);
    return taken;
  }

  /** Settles every request of the batch. Never rejects. */
  async #commit(batch: readonly Waiting<I, O>[]): Promise<void> {
    const since = performance.now();
    await commitInParts(batch, {
      commit: async (part) => settle(part, await this.#options.commit(part.map(({ input }) => input))),
      failureOf: (error) => (error instanceof CommitUnknown ? 'unavailable' : databaseFailure(error)),
      onFailure: async ({ kind, part, error, times }) => {
        if (error instanceof CommitUnknown) for (const one of part) one.unknown = true;
        const delay = kind === 'conflict' ? 0 : this.#options.retryDelaysMs[times - 1];
        if (delay === undefined || performance.now() - since > TRYING_AT_MOST_MS) return this.#giveUp(part, error);
        if (delay > 0) await pause(delay);
        return 'again';
      },
      refuse: ({ reject, unknown }, error) => reject(unknown ? outcomeUnknown(error) : error),
    });
  }

  /** The database is away: those who wait behind are told at once, instead of each failing in its turn. */
  #giveUp(batch: readonly Waiting<I, O>[], cause: unknown): 'given-up' {
    for (const { reject, unknown } of batch) reject(unknown ? outcomeUnknown(cause) : away(cause));
    for (const { reject } of this.#take(this.#waiting.length)) reject(away(cause));
    return 'given-up';
  }

  #expire(): void {
    const oldest = performance.now() - this.#options.waitLimitMs;
    const late = this.#waiting.findIndex(({ since }) => since > oldest);
    for (const { reject } of this.#take(late === -1 ? this.#waiting.length : late)) {
      this.#options.onRefused();
      reject(overloaded());
    }
  }
}

function settle<I, O>(batch: readonly Waiting<I, O>[], outcomes: readonly O[]): void {
  for (const [index, { resolve, reject }] of batch.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) reject(new TypeError('the commit returned too few outcomes'));
    else resolve(outcome);
  }
}

const overloaded = (): Problem =>
  new Problem('intake.overloaded', 'Nothing of this request was stored; try again.', {
    retryAfterS: retryAfterS('requests', 0, Math.random()),
  });

const away = (cause: unknown): Problem =>
  new Problem('intake.unavailable', 'Nothing of this request was stored; try again.', {
    retryAfterS: RETRY_AFTER_S,
    cause,
  });

const outcomeUnknown = (cause: unknown): Problem =>
  new Problem(
    'intake.outcome-unknown',
    'Repeat the request with the same Idempotency-Key: it will not be carried out twice.',
    {
      retryAfterS: RETRY_AFTER_S,
      cause,
    },
  );
