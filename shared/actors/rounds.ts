/**
 * Repeats a piece of work until it is stopped. A round says how long to wait for the next; one that fails is tried again soon, and
 * told once a minute: while the database is away, every process has several that fail.
 */
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';

const AFTER_FAILURE_MS = 2000;
/** Failures in a row between two that are told: a minute. */
const TELL_EVERY = 30;

export class Rounds {
  readonly #round: () => Promise<number>;
  readonly #work: string;
  readonly #afterFailureMs: number;
  readonly #log: Pick<Logger, 'info' | 'warn'>;
  readonly #ended: Promise<void>;
  #wake: () => void = () => undefined;
  /** In a row. */
  #failures = 0;
  #stopped = false;

  /**
   * @param work names it in the log
   * @param round returns the pause before the next, in milliseconds
   * @param afterFailureMs the pause after one that failed
   */
  constructor(
    work: string,
    round: () => Promise<number>,
    log: Pick<Logger, 'info' | 'warn'>,
    afterFailureMs = AFTER_FAILURE_MS,
  ) {
    this.#afterFailureMs = afterFailureMs;
    this.#work = work;
    this.#round = round;
    this.#log = log;
    this.#ended = this.#run();
  }

  /** Resolves when the present round is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const pauseMs = await this.#once();
      if (this.#stopped) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Returns the pause before the next, in milliseconds. */
  async #once(): Promise<number> {
    try {
      const pauseMs = await this.#round();
      if (this.#failures > 0) this.#log.info({ work: this.#work, failures: this.#failures }, 'recurring work goes on');
      this.#failures = 0;
      return pauseMs;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures % TELL_EVERY === 1) {
        const about = { work: this.#work, failures: this.#failures, reason: reasonOf(error) };
        this.#log.warn(about, 'recurring work failed; trying on');
      }
      return this.#afterFailureMs;
    }
  }
}
