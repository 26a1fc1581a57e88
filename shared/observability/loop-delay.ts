/**
 * How late the event loop is, without what the timer takes that tells it. It is looked at only while the process is busy: being woken
 * for the looks was half and more of what an idle process cost, and a loop that has nothing to do is in time.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { Rest } from './rest.js';

const NANOSECONDS_A_MS = 1_000_000;

export interface LoopDelays {
  readonly meanMs: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

export class LoopDelayMeter {
  readonly #resolutionMs: number;
  readonly #histogram: IntervalHistogram;
  readonly #rest: Rest;

  /**
   * @param resolutionMs between two looks; each of them wakes the process
   * @param rest tells whether the loop is left alone
   */
  constructor(resolutionMs: number, rest = new Rest()) {
    this.#resolutionMs = resolutionMs;
    this.#rest = rest;
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
    this.#histogram.enable();
  }

  /** Since it was last asked. All are 0 if the process was at rest for a minute before that, whatever came then: what comes next is seen. */
  take(): LoopDelays {
    const { count, mean } = this.#histogram;
    const delays = {
      meanMs: this.#lateness(count === 0 ? 0 : mean),
      p90Ms: this.#lateness(this.#histogram.percentile(90)),
      p99Ms: this.#lateness(this.#histogram.percentile(99)),
    };
    this.#histogram.reset();
    if (this.#rest.look()) this.#histogram.disable();
    else this.#histogram.enable();
    return delays;
  }

  close(): void {
    this.#histogram.disable();
  }

  #lateness(nanoseconds: number): number {
    return Math.max(0, nanoseconds / NANOSECONDS_A_MS - this.#resolutionMs);
  }
}
