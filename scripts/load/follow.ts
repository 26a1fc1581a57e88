/**
 * Learns how orders end, without weighing on the fleet that is to end them. Orders end roughly in the order in which they
 * were placed, so only the few oldest are asked about often; whoever takes long leaves that window to the next and is
 * asked about ever more seldom. An order costs one or two requests. When it ended is told by its timeline, not by when
 * it was asked about.
 */
import type { Answer } from './answer.js';
import type { OrderState } from './storefront.js';
import { backOffMs, waited } from './until-definite.js';

export type End =
  | { readonly kind: 'SHIPPED'; readonly placedAt: number; readonly endedAt: number }
  | { readonly kind: 'CANCELLED'; readonly placedAt: number; readonly endedAt: number; readonly reason: string }
  /** Not at its end when the following was given up; `status` is the last that was seen. */
  | { readonly kind: 'unfinished'; readonly status: string }
  /** The intake had accepted it, and says now that there is no such order. */
  | { readonly kind: 'lost' };

export interface FollowerOptions {
  readonly read: (orderId: string) => Promise<Answer<OrderState>>;
  /** Gives up on all that have not come to their end. */
  readonly signal: AbortSignal;
  /** Orders asked about at the same time while they are new. @default 16 */
  readonly window?: number;
}

/** From the answer to the first question, in milliseconds. */
const FIRST_LOOK_MS = 200;
const LOOKS_IN_WINDOW = 3;
const BETWEEN_LOOKS_MS = 150;
const SELDOM_FROM_MS = 1000;
const SELDOM_TO_MS = 10_000;

export class Follower {
  readonly #options: FollowerOptions;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#free = options.window ?? 16;
  }

  /** Resolves when the order has come to its end, or when the signal says to give up. */
  async follow(orderId: string): Promise<End> {
    const { signal } = this.#options;
    let seen: End = { kind: 'unfinished', status: 'INITIATED' };
    await waited(FIRST_LOOK_MS, signal);
    await this.#enter();
    try {
      for (let look = 1; look <= LOOKS_IN_WINDOW; look++) {
        seen = await this.#look(orderId, seen);
        if (seen.kind !== 'unfinished') return seen;
        if (look < LOOKS_IN_WINDOW && !(await waited(BETWEEN_LOOKS_MS, signal))) return seen;
      }
    } finally {
      this.#leave();
    }
    for (let delayMs = SELDOM_FROM_MS; seen.kind === 'unfinished'; delayMs = Math.min(delayMs * 2, SELDOM_TO_MS)) {
      if (!(await waited(delayMs * (0.75 + Math.random() / 2), signal))) return seen;
      seen = await this.#look(orderId, seen);
    }
    return seen;
  }

  /** Where the order stands; where it stood before when the intake cannot say. */
  async #look(orderId: string, before: End): Promise<End> {
    const { read, signal } = this.#options;
    for (let failures = 1; ; failures++) {
      const answer = await read(orderId);
      if (answer.kind === 'accepted') return endOf(answer.body);
      if (answer.kind === 'refused') return answer.reason === 'order.not-found' ? { kind: 'lost' } : before;
      if (!(await waited(answer.afterMs ?? backOffMs(failures, Math.random()), signal))) return before;
    }
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** An order ends with the event that says so: once it is shipped, or once it is decided that it will not be. */
export function endOf({ status, cancelReason, placedAt, timeline }: OrderState): End {
  const timeOf = (type: string): number => {
    const found = timeline.find((event) => event.type === type);
    // Older than the event log keeps: as good as nothing can be said.
    return found === undefined ? Number.NaN : Date.parse(found.at);
  };
  const placed = Date.parse(placedAt);
  if (status === 'SHIPPED') return { kind: 'SHIPPED', placedAt: placed, endedAt: timeOf('shipping.order-shipped') };
  if (status === 'CANCELLED') {
    const endedAt = timeOf('orders.order-cancelled');
    return { kind: 'CANCELLED', placedAt: placed, endedAt, reason: cancelReason ?? 'without a reason' };
  }
  return { kind: 'unfinished', status };
}
