/** How late the event loop is: the average of the last half second. */
import { LoopDelayMeter } from '../../shared/observability/loop-delay.js';

const LOOK_EVERY_MS = 500;
/** Requests are refused by it, so a short stall has to be seen. */
const RESOLUTION_MS = 20;

export interface Lateness {
  /** Milliseconds. */
  readonly ms: number;
  close(): void;
}

export class LoopDelay implements Lateness {
  readonly #meter = new LoopDelayMeter(RESOLUTION_MS);
  readonly #timer: NodeJS.Timeout;
  #ms = 0;

  constructor() {
    this.#timer = setInterval(() => {
      this.#ms = this.#meter.take().meanMs;
    }, LOOK_EVERY_MS).unref();
  }

  get ms(): number {
    return this.#ms;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#meter.close();
  }
}
