/** How many orders may have been placed by a moment. Pure: times are on any clock, in milliseconds. */
export interface Allowance {
  allowed(at: number): number;
}

/** So many a second, on top of those before. @param before placed until it began */
export const perSecond = (rate: number, beganAt: number, before = 0): Allowance => ({
  allowed: (at) => before + ((at - beganAt) * rate) / 1000,
});

/** None on top of those that are placed. */
export const NONE: Allowance = { allowed: () => 0 };

/**
 * Holds orders that are placed and not shipped to a limit, though what is shipped is looked up only now and then: between looks
 * it goes on as between the two before, so that orders come steadily and not by the thousand after each look.
 */
export class UnderWay implements Allowance {
  readonly #limit: number;
  #before = { shipped: 0, at: 0 };
  #last = { shipped: 0, at: 0 };

  constructor(limit: number) {
    this.#limit = limit;
  }

  note(shipped: number, at: number): void {
    this.#before = this.#last;
    this.#last = { shipped, at };
  }

  allowed(at: number): number {
    const tookMs = this.#last.at - this.#before.at;
    const rate = tookMs > 0 ? (this.#last.shipped - this.#before.shipped) / tookMs : 0;
    return this.#limit + this.#last.shipped + rate * Math.min(at - this.#last.at, tookMs);
  }
}
