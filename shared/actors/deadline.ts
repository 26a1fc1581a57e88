/** The time an effect has. Its signal is made only for a handler that asks for it. */
export class Deadline {
  readonly #timer: NodeJS.Timeout;
  #controller: AbortController | undefined;
  #reason: Error | undefined;
  #reject: (reason: Error) => void = () => undefined;

  /** @param late says what happened when the time is over */
  constructor(ms: number, late: () => Error) {
    this.#timer = setTimeout(() => this.expire(late()), ms);
  }

  /** Aborts when the time is over. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Settles as the work does; rejects with the reason if the time is over first, whatever the work makes of it. */
  before<T>(work: T | PromiseLike<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#reject = reject;
      if (this.#reason !== undefined) reject(this.#reason);
      Promise.resolve(work).then(resolve, reject);
    });
  }

  /** The work is over, however it ended. */
  end(): void {
    clearTimeout(this.#timer);
  }

  /** The time is over now. */
  expire(reason: Error): void {
    this.#reason = reason;
    // First, so that the reason counts and not what the handler throws at the abort.
    this.#reject(reason);
    this.#controller?.abort(reason);
  }
}
