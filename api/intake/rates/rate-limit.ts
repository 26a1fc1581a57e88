/**
 * A quota for each caller, kept in the memory of this process, which asks nobody before it lets a request in. What the fleet
 * knows of a caller is brought in from time to time. However many callers come, the memory for them is bounded.
 */
import { type Bucket, fullBucket, type Quota, refill, type Taken, untilOneMs } from './quota.js';

/** Callers remembered in a generation; there are two. */
const CALLERS_AT_MOST = 20_000;

export class RateLimit {
  readonly quota: Quota;
  readonly #callersAtMost: number;
  /** Callers seen since the last change of generation, and those that were seen only before. */
  #young = new Map<string, Bucket>();
  #old = new Map<string, Bucket>();
  #youngSinceMs = Number.NEGATIVE_INFINITY;
  readonly #unsettled = new Map<string, Bucket>();
  #among = 1;

  constructor(quota: Quota, callersAtMost = CALLERS_AT_MOST) {
    this.quota = quota;
    this.#callersAtMost = callersAtMost;
  }

  /** Callers that are remembered. */
  get callers(): number {
    return this.#young.size + this.#old.size;
  }

  /** Lets the caller in if he has a request left, which he then has no more. @param nowMs on a clock that never goes back */
  take(caller: string, nowMs: number): Taken {
    const bucket = this.#bucketOf(caller, nowMs);
    const afterMs = untilOneMs(bucket, this.quota, this.#among);
    if (afterMs === 0) {
      bucket.level -= 1;
      if (bucket.spent === 0) this.#unsettled.set(caller, bucket);
      bucket.spent += 1;
    }
    return { remaining: Math.max(0, Math.floor(bucket.level)), afterMs };
  }

  /** Until the caller is let in, in milliseconds; takes nothing. */
  waitMs(caller: string, nowMs: number): number {
    if (!this.#young.has(caller) && !this.#old.has(caller)) return 0;
    return untilOneMs(this.#bucketOf(caller, nowMs), this.quota, this.#among);
  }

  /** What was given out since the last call, by caller: of so many callers at most, the others follow. */
  unsettled(atMost: number): ReadonlyMap<string, number> {
    const spendings = new Map<string, number>();
    for (const [caller, bucket] of this.#unsettled) {
      if (spendings.size >= atMost) break;
      spendings.set(caller, bucket.spent);
      bucket.spent = 0;
      this.#unsettled.delete(caller);
    }
    return spendings;
  }

  /** @param level that the fleet has left for the caller, without what was given out here since `unsettled` */
  settle(caller: string, level: number, nowMs: number): void {
    const bucket = this.#young.get(caller) ?? this.#old.get(caller);
    if (bucket === undefined) return;
    bucket.level = level - bucket.spent;
    bucket.atMs = nowMs;
  }

  /** From now on the quota is shared with so many processes in all that do not hear of each other. */
  shareOut(among: number): void {
    this.#among = among;
  }

  #bucketOf(caller: string, nowMs: number): Bucket {
    const young = this.#young.get(caller);
    const bucket = young ?? this.#old.get(caller) ?? fullBucket(this.quota, nowMs);
    refill(bucket, this.quota, nowMs, this.#among);
    if (young !== undefined) return bucket;
    // Whoever has not come for a window has a full bucket, and need not be remembered.
    if (this.#young.size >= this.#callersAtMost || nowMs - this.#youngSinceMs > this.quota.windowS * 1000) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngSinceMs = nowMs;
      if (this.#unsettled.size > this.#callersAtMost) this.#unsettled.clear();
    }
    this.#young.set(caller, bucket);
    return bucket;
  }
}
