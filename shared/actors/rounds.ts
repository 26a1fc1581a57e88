/** Repeats a piece of work until it is stopped. A round says how long to wait for the next; one that fails waits a little. */
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';

const AFTER_FAILURE_MS = 2000;

export class Rounds {
  readonly #round: () => Promise<number>;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #ended: Promise<void>;
  #wake: () => void = () => undefined;
  #stopped = false;

  /** @param round returns the pause before the next, in milliseconds */
  constructor(round: () => Promise<number>, log: Pick<Logger, 'warn'>) {
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
      const pauseMs = await this.#round().catch((error) => {
        this.#log.warn({ reason: reasonOf(error) }, 'a round failed; trying on');
        return AFTER_FAILURE_MS;
      });
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
}
