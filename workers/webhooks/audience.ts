/** Whether any storefront has an endpoint at all. Where none has, orders pass by without a row. */
const KNOWN_FOR_MS = 5000;

export class Audience {
  #anybody = true;
  #knownUntil = 0;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that is never set */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Notes what the database says. */
  learn(anybody: boolean): void {
    this.#anybody = anybody;
    this.#knownUntil = this.#now() + KNOWN_FOR_MS;
  }

  /** True also while it is not known: a row too many does no harm. */
  mayListen(): boolean {
    return this.#anybody || this.#now() >= this.#knownUntil;
  }
}
