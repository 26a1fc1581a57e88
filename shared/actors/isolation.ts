/**
 * Lets one message have its whole process to itself. If the process dies then, it was that message: also where one process
 * runs several actors.
 */
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

export class Isolation {
  readonly #quiet: (() => boolean)[] = [];
  /** Ends when nobody is alone any more. */
  #alone: Promise<void> = Promise.resolve();
  #beginning = 0;

  /** @param quiet true when nothing that the actor has begun can still call a handler */
  join(quiet: () => boolean): void {
    this.#quiet.push(quiet);
  }

  /** Begins handling, once nobody is alone. What goes on after `begin` has to show in `quiet`. */
  async together(begin: () => Promise<void>): Promise<void> {
    let awaited: Promise<void> | undefined;
    while (awaited !== this.#alone) {
      awaited = this.#alone;
      await awaited;
    }
    this.#beginning += 1;
    try {
      await begin();
    } finally {
      this.#beginning -= 1;
    }
  }

  /** Handles while the process handles nothing else: waits until what is begun is over, and nothing begins meanwhile. */
  async alone(handle: () => Promise<void>, stopping: AbortSignal): Promise<void> {
    const before = this.#alone;
    let end = (): void => undefined;
    this.#alone = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await before;
      // A wait first: what is handed on within a tick is in nobody's hands for that long.
      do await wait(LOOK_EVERY_MS, undefined, { signal: stopping });
      while (this.#beginning > 0 || this.#quiet.some((quiet) => !quiet()));
      await handle();
    } finally {
      end();
    }
  }
}
