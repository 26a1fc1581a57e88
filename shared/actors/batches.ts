/**
 * Batches out of what is ready: all that is there when the one before has committed, at most 256. While much is coming in, a
 * small batch waits a moment for more: a transaction costs nearly the same for ten messages as for a hundred. A batch after
 * a small one does not wait, so a quiet fleet answers at once, unless nobody waits for the answer.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Mailbox } from './mailbox.js';

/** Messages committed together at most. */
const MOST = 256;
/** A batch of so many does not wait for more. */
const ENOUGH = 192;
/** After a batch of so many, much is coming in. */
const MUCH = 16;

export interface Lingering {
  /** How long a small batch waits for more, in milliseconds. */
  readonly lingerMs: number;
  /** Also after a small one. @default false */
  readonly alwaysLingers?: boolean;
  /** Whether more may come for a batch of so many. @default always */
  readonly mayGrow?: (size: number) => boolean;
}

export class Batches<T> {
  readonly #ready = new Mailbox<T>();
  readonly #lingerMs: number;
  /** A batch after one of so many waits. */
  readonly #lingersAfter: number;
  readonly #mayGrow: (size: number) => boolean;
  #last = 0;
  #lingering = false;

  constructor({ lingerMs, alwaysLingers = false, mayGrow = () => true }: Lingering) {
    this.#mayGrow = mayGrow;
    this.#lingerMs = lingerMs;
    this.#lingersAfter = alwaysLingers ? 0 : MUCH;
  }

  put(item: T): void {
    this.#ready.put(item);
  }

  /** The next batch, at least of one; empty once it is closed. */
  async next(): Promise<readonly T[]> {
    let batch = await this.#ready.take(MOST);
    const small = batch.length > 0 && batch.length < ENOUGH;
    if (small && this.#last >= this.#lingersAfter && this.#mayGrow(batch.length)) {
      this.#lingering = true;
      await pause(this.#lingerMs);
      this.#lingering = false;
      batch = [...batch, ...this.#ready.takeNow(MOST - batch.length)];
    }
    this.#last = batch.length;
    return batch;
  }

  /** Nothing is ready, nor taken out for a batch that waits for more. */
  get empty(): boolean {
    return this.#ready.size === 0 && !this.#lingering;
  }

  /** Lets go of whoever waits for a batch. What is still ready is never handed out. */
  close(): void {
    this.#ready.close();
  }
}
