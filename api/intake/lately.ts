/** Counts what happens within a second: in the one that is going on or in the one before, whichever has more. */

const SECOND_MS = 1000;

export class Lately {
  #since = Number.NEGATIVE_INFINITY;
  #count = 0;
  #before = 0;

  /** It has happened once more. Returns how often it has lately. @param nowMs on a clock that never goes back */
  note(nowMs: number): number {
    const passedMs = nowMs - this.#since;
    if (passedMs >= SECOND_MS) {
      this.#before = passedMs < 2 * SECOND_MS ? this.#count : 0;
      this.#count = 0;
      this.#since = nowMs;
    }
    this.#count += 1;
    return Math.max(this.#count, this.#before);
  }
}
