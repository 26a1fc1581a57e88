/** How late the event loop is, without what the timer takes that tells it. */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const NANOSECONDS_A_MS = 1_000_000;

export interface LoopDelays {
  readonly meanMs: number;
  readonly p99Ms: number;
}

export class LoopDelayMeter {
  readonly #resolutionMs: number;
  readonly #histogram: IntervalHistogram;

  /** @param resolutionMs between two looks; each of them wakes the process */
  constructor(resolutionMs: number) {
    this.#resolutionMs = resolutionMs;
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
    this.#histogram.enable();
  }

  /** Since it was last asked. */
  take(): LoopDelays {
    const { count, mean } = this.#histogram;
    const delays = {
      meanMs: this.#lateness(count === 0 ? 0 : mean),
      p99Ms: this.#lateness(this.#histogram.percentile(99)),
    };
    this.#histogram.reset();
    return delays;
  }

  close(): void {
    this.#histogram.disable();
  }

  #lateness(nanoseconds: number): number {
    return Math.max(0, nanoseconds / NANOSECONDS_A_MS - this.#resolutionMs);
  }
}
