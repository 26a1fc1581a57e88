/**
 * Lets one message have its whole process to itself. If the process dies then, it was that message: also where one process
 * runs several actors.
 */
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/** An actor of the process, as who wants to be alone sees it. */
export interface Neighbour {
  /** True when nothing that the actor has begun can still call a handler. */
  readonly quiet: () => boolean;
  /** Gives back what cannot begin for now, and would be waited for all the same; asked again and again. */
  readonly giveBack: () => void;
}

export class Isolation {
  readonly #neighbours: Neighbour[] = [];
  /** Ends when nobody is alone any more. */
  #alone: Promise<void> = Promise.resolve();
  #beginning = 0;
  /** Who handles alone, or waits for that. */
  #wanting = 0;

  /** True while somebody handles alone or wants to: then nothing comes for which a batch could wait. */
  get wanted(): boolean {
    return this.#wanting > 0;
  }

  join(neighbour: Neighbour): void {
    this.#neighbours.push(neighbour);
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

  /**
   * Handles while the process handles nothing else: waits until what is begun is over, and nothing begins meanwhile. Nobody
   * waits for what cannot begin, neither `handle` for the others nor they for it.
   */
  async alone(handle: () => Promise<void>, stopping: AbortSignal): Promise<void> {
    this.#wanting += 1;
    const before = this.#alone;
    let end = (): void => undefined;
    this.#alone = new Promise((resolve) => {
      end = resolve;
    });
    const asking = setInterval(() => {
      for (const { giveBack } of this.#neighbours) giveBack();
    }, LOOK_EVERY_MS);
    try {
      await before;
      // A wait first: what is handed on within a tick is in nobody's hands for that long.
      do await wait(LOOK_EVERY_MS, undefined, { signal: stopping });
      while (this.#beginning > 0 || this.#neighbours.some(({ quiet }) => !quiet()));
      await handle();
    } finally {
      clearInterval(asking);
      this.#wanting -= 1;
      end();
    }
  }
}
