/** How late the event loop is, without what the timer takes that tells it. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NANOSECONDS_A_MS = 1_000_000;

export interface LoopDelays {
  readonly meanMs: number;
  readonly p99Ms: number;
}

export class LoopDelayMeter {
  readonly #histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** Since it was last asked. */
  take(): LoopDelays {
    const { count, mean } = this.#histogram;
    const delays = { meanMs: lateness(count === 0 ? 0 : mean), p99Ms: lateness(this.#histogram.percentile(99)) };
    this.#histogram.reset();
    return delays;
  }

  close(): void {
    this.#histogram.disable();
  }
}

const lateness = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS_A_MS - RESOLUTION_MS);
