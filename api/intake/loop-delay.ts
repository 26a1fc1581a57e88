/** How late the event loop is: the average of the last half second, without what the timer takes that tells it. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const LOOK_EVERY_MS = 500;
const RESOLUTION_MS = 20;
const NANOSECONDS_A_MS = 1_000_000;

export class LoopDelay {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #timer: NodeJS.Timeout;
  #ms = 0;

  constructor() {
    this.#histogram.enable();
    this.#timer = setInterval(() => {
      const { mean } = this.#histogram;
      // Without a sample it is no number.
      this.#ms = Number.isNaN(mean) ? 0 : Math.max(0, mean / NANOSECONDS_A_MS - RESOLUTION_MS);
      this.#histogram.reset();
    }, LOOK_EVERY_MS).unref();
  }

  get ms(): number {
    return this.#ms;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }
}
