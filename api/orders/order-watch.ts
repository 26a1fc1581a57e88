/**
 * Looks at the orders that somebody follows: at all that are due together, and at none while nobody follows any. The longer
 * nothing has happened to an order, the longer it waits for the next look, so that what happens to a young order is seen within
 * a fraction of its age and thousands that stand still cost little.
 */
import type { FastifyBaseLogger } from 'fastify';
import { reasonOf } from '../../shared/observability/reason.js';

/** Wait after a failed look, in milliseconds. */
const REST_MS = 2000;
/** A look is followed by a rest of so many times its length: all looks together keep a connection busy for a fifth of the time. */
const REST_TIMES = 4;
/** Of the time for which nothing has happened, what passes before the next look. */
const SHARE = 0.25;

export interface Follower {
  readonly orderId: string;
  readonly storefrontId: string;
}

export interface OrderWatchParts<F extends Follower> {
  /** Looks at the orders of the followers and gives these what is new. Returns the orders to which something had happened. */
  readonly look: (followers: readonly F[]) => Promise<readonly string[]>;
  /** From one look at an order to the next, in milliseconds. */
  readonly leastMs: number;
  readonly mostMs: number;
  /** Orders of one look. */
  readonly ordersAtMost: number;
  readonly log: FastifyBaseLogger;
}

/** Times are on the monotonic clock, in milliseconds. */
interface Followed<F> {
  readonly followers: Set<F>;
  changedAt: number;
  dueAt: number;
}

export class OrderWatch<F extends Follower> {
  readonly #parts: OrderWatchParts<F>;
  readonly #orders = new Map<string, Followed<F>>();
  #timer: NodeJS.Timeout | undefined;
  #wakesAt = Number.POSITIVE_INFINITY;
  #restsUntil = 0;
  #looking = false;

  constructor(parts: OrderWatchParts<F>) {
    this.#parts = parts;
  }

  /** Looks at the follower's order as soon as may be, and from then on until it is let go. */
  follow(follower: F): void {
    const now = performance.now();
    const order = this.#orders.get(follower.orderId) ?? { followers: new Set(), changedAt: now, dueAt: now };
    order.followers.add(follower);
    order.dueAt = now;
    this.#orders.set(follower.orderId, order);
    this.#wakeAt(now);
  }

  unfollow(follower: F): void {
    const order = this.#orders.get(follower.orderId);
    order?.followers.delete(follower);
    if (order?.followers.size === 0) this.#orders.delete(follower.orderId);
  }

  #wakeAt(at: number): void {
    if (this.#looking || at >= this.#wakesAt) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    const delayMs = Math.max(at, this.#restsUntil) - performance.now();
    this.#timer = setTimeout(() => void this.#look(), delayMs).unref();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    const begunAt = performance.now();
    const due = [...this.#orders.values()]
      .filter(({ dueAt }) => dueAt <= begunAt)
      .sort((one, other) => one.dueAt - other.dueAt)
      .slice(0, this.#parts.ordersAtMost);
    // Set before the look, so that it does not overrule a follower who comes during it.
    for (const order of due) order.dueAt = begunAt + this.#pauseMs(begunAt - order.changedAt);
    let restMs: number;
    try {
      const changed = due.length === 0 ? [] : await this.#parts.look(due.flatMap(({ followers }) => [...followers]));
      const endedAt = performance.now();
      for (const orderId of changed) this.#note(orderId, endedAt);
      restMs = Math.max(this.#parts.leastMs, REST_TIMES * (endedAt - begunAt));
    } catch (error) {
      restMs = REST_MS;
      this.#parts.log.warn({ reason: reasonOf(error) }, 'orders cannot be looked at for those who wait; trying on');
    }
    this.#restsUntil = performance.now() + restMs;
    this.#looking = false;
    this.#wakesAt = Number.POSITIVE_INFINITY;
    let next = Number.POSITIVE_INFINITY;
    for (const { dueAt } of this.#orders.values()) next = Math.min(next, dueAt);
    this.#wakeAt(next);
  }

  #note(orderId: string, changedAt: number): void {
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    order.changedAt = changedAt;
    order.dueAt = Math.min(order.dueAt, changedAt + this.#parts.leastMs);
  }

  #pauseMs(quietMs: number): number {
    const { leastMs, mostMs } = this.#parts;
    return Math.min(Math.max(SHARE * quietMs, leastMs), mostMs);
  }
}

/** Whose orders are looked at. */
export const storefrontsOf = (followers: readonly Follower[]): string[] =>
  followers.map(({ storefrontId }) => storefrontId);
