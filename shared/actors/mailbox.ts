/** What waits to be handled. Whoever takes gets all that is there, up to a limit, and waits only when there is nothing. */
import { fitting } from './fitting.js';

export class Mailbox<T> {
  readonly #sizeOf: (item: T) => number;
  #waiting: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  /** @param sizeOf for who takes up to a size */
  constructor(sizeOf: (item: T) => number = () => 0) {
    this.#sizeOf = sizeOf;
  }

  put(item: T): void {
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** The next items in their order, at least one, and no more than `size` if that is not one; none once it is closed. */
  async take(most: number, size = Number.POSITIVE_INFINITY): Promise<T[]> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    if (this.#closed) return [];
    return this.#waiting.splice(0, fitting(this.#waiting, { most, size, sizeOf: this.#sizeOf }));
  }

  /** What is there now, up to a limit; perhaps nothing. */
  takeNow(most: number): T[] {
    return this.#closed ? [] : this.#waiting.splice(0, most);
  }

  /** Lets go of whoever waits. What is still in it is never handed out. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  get size(): number {
    return this.#waiting.length;
  }
}
