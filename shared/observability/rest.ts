/**
 * Whether the process has had next to nothing to do for a while. Being woken is most of what an idle process costs, so one that is at
 * rest looks less often for what may have come.
 */
import { type EventLoopUtilization, performance } from 'node:perf_hooks';

/** Share of the time that the event loop of a process at rest takes at most. */
const AT_REST = 0.02;
/** So long, before it counts: what stalls or works now and then is not at rest. */
const FOR_MS = 60_000;
/** The least between two looks for work at rest. */
const PAUSE_MS = 5000;

export class Rest {
  readonly #utilizationOf: typeof performance.eventLoopUtilization;
  #before: EventLoopUtilization;
  #restingMs = 0;

  /** @param utilizationOf the loop, as Node tells it */
  constructor(utilizationOf: typeof performance.eventLoopUtilization = performance.eventLoopUtilization) {
    this.#utilizationOf = utilizationOf;
    this.#before = utilizationOf();
  }

  /** Looks at the time since the last look; true when there was next to nothing to do in it, nor in the minute before. */
  look(): boolean {
    const now = this.#utilizationOf();
    const { idle, active, utilization } = this.#utilizationOf(now, this.#before);
    this.#before = now;
    this.#restingMs = utilization < AT_REST ? this.#restingMs + idle + active : 0;
    return this.#restingMs >= FOR_MS;
  }

  /** Looks, and returns the pause before the next look for work, in milliseconds. @param idleMs where it is not at rest */
  pauseMs(idleMs: number): number {
    return this.look() ? Math.max(idleMs, PAUSE_MS) : idleMs;
  }

  /** There was something to do, little as it may have been: the minute begins anew. */
  disturb(): void {
    this.look();
    this.#restingMs = 0;
  }
}
