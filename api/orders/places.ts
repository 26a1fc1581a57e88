/**
 * So many places for all storefronts of a process. A storefront gets one more while more are free than it has: alone it comes to half
 * of them, the next to half of what is left, and there is always a place for one who has none. Whoever leaves makes room for all.
 */
export class Places {
  readonly #atMost: number;
  readonly #taken = new Map<string, number>();
  #all = 0;

  /** @param atMost of all storefronts */
  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  /** `full` is what has no room: all of them, or what one storefront may have. A place that is taken is to be left. */
  take(storefrontId: string): 'taken' | 'full' | 'share' {
    const own = this.#taken.get(storefrontId) ?? 0;
    const free = this.#atMost - this.#all;
    if (free <= 0) return 'full';
    if (own >= free) return 'share';
    this.#taken.set(storefrontId, own + 1);
    this.#all += 1;
    return 'taken';
  }

  leave(storefrontId: string): void {
    const own = this.#taken.get(storefrontId) ?? 0;
    if (own <= 1) this.#taken.delete(storefrontId);
    else this.#taken.set(storefrontId, own - 1);
    this.#all -= 1;
  }
}
