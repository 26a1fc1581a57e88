/**
 * How late the event loop is, without what the timer takes that tells it. It is looked at only while the process is busy: being woken
 * for the looks was half and more of what an idle process cost, and a loop that has nothing to do is in time.
 */
import { type EventLoopUtilization, type IntervalHistogram, monitorEventLoopDelay, performance } from 'node:perf_hooks';

const NANOSECONDS_A_MS = 1_000_000;
/** Share of the time that a loop which is at rest takes at most. */
const AT_REST = 0.02;
/** Of rest, before it is left alone: what stalls now and then is looked at all the time. */
const LEFT_ALONE_AFTER_MS = 60_000;

export interface LoopDelays {
  readonly meanMs: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

export class LoopDelayMeter {
  readonly #resolutionMs: number;
  readonly #histogram: IntervalHistogram;
  readonly #utilizationOf: typeof performance.eventLoopUtilization;
  #before: EventLoopUtilization;
  #restingMs = 0;

  /**
   * @param resolutionMs between two looks; each of them wakes the process
   * @param utilizationOf the loop, as Node tells it
   */
  constructor(
    resolutionMs: number,
    utilizationOf: typeof performance.eventLoopUtilization = performance.eventLoopUtilization,
  ) {
    this.#resolutionMs = resolutionMs;
    this.#utilizationOf = utilizationOf;
    this.#before = utilizationOf();
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
    this.#restOrLook();
    return delays;
  }

  close(): void {
    this.#histogram.disable();
  }

  #restOrLook(): void {
    const now = this.#utilizationOf();
    const { idle, active, utilization } = this.#utilizationOf(now, this.#before);
    this.#before = now;
    this.#restingMs = utilization < AT_REST ? this.#restingMs + idle + active : 0;
    if (this.#restingMs >= LEFT_ALONE_AFTER_MS) this.#histogram.disable();
    else this.#histogram.enable();
  }

  #lateness(nanoseconds: number): number {
    return Math.max(0, nanoseconds / NANOSECONDS_A_MS - this.#resolutionMs);
  }
}
