/** Places orders on kept connections as fast as it is allowed to, until it is told to stop. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Allowance } from './allowance.js';
import { Caller } from './caller.js';
import { type BenchOrder, benchOrders } from './workload.js';

const LOOK_EVERY_MS = 5;
const ACCEPTED = 202;

export interface Placing {
  readonly url: string;
  readonly key: string;
  /** Requests under way at once, at most. */
  readonly callers: number;
  readonly lines: number;
  readonly skus: number;
  readonly allowance: Allowance;
}

/** What was taken in, and from sending to the answer, in milliseconds. */
export interface Accepted {
  readonly at: number;
  readonly tookMs: number;
}

export class SteadyOrders {
  readonly accepted: Accepted[] = [];
  /** May change from one moment to the next. */
  allowance: Allowance;
  readonly #orders: Iterator<BenchOrder>;
  readonly #callers: readonly Caller[];
  readonly #free: Caller[];
  readonly #placing: Promise<void>;
  #begun = 0;
  #stopped = false;
  #failure: unknown;

  constructor({ url, key, callers, lines, skus, allowance }: Placing) {
    this.allowance = allowance;
    this.#orders = benchOrders(Number.MAX_SAFE_INTEGER, lines, skus);
    this.#callers = Array.from({ length: callers }, () => new Caller({ url, key }));
    this.#free = [...this.#callers];
    this.#placing = this.#place();
  }

  /** Every answer to what was sent has come. */
  get isAnswered(): boolean {
    return this.accepted.length === this.#begun;
  }

  /** @throws what went wrong, at the first order that was not taken at once: the bench runs into no limit */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Waits for the answers to what was sent. @throws as `check` */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#placing;
    for (const caller of this.#callers) caller.close();
    this.check();
  }

  /** Ends at once: who still waits for an answer gets none. */
  abandon(): void {
    this.#stopped = true;
    for (const caller of this.#callers) caller.close();
  }

  async #place(): Promise<void> {
    while (!this.#stopped && this.#failure === undefined) {
      const room = Math.floor(this.allowance.allowed(performance.now())) - this.#begun;
      for (const caller of this.#free.splice(0, Math.max(0, room))) void this.#call(caller);
      await pause(LOOK_EVERY_MS);
    }
    while (this.#free.length < this.#callers.length) await pause(LOOK_EVERY_MS);
  }

  async #call(caller: Caller): Promise<void> {
    this.#begun += 1;
    const sentAt = performance.now();
    try {
      const { status } = await caller.place(this.#orders.next().value);
      if (status !== ACCEPTED) throw new Error(`an order was answered with ${status}`);
      const at = performance.now();
      this.accepted.push({ at, tookMs: at - sentAt });
    } catch (error) {
      this.#failure ??= error;
    } finally {
      this.#free.push(caller);
    }
  }
}
