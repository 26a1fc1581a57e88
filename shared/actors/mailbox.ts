/** What waits to be handled. Whoever takes gets all that is there, up to a limit, and waits only when there is nothing. */
export class Mailbox<T> {
  #waiting: T[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  put(item: T): void {
    this.#waiting.push(item);
    this.#wake?.();
  }

  /** The next items in their order, at least one; none once it is closed. */
  async take(most: number): Promise<T[]> {
    while (this.#waiting.length === 0 && !this.#closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    return this.#closed ? [] : this.#waiting.splice(0, most);
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
