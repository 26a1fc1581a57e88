/** Places the orders, follows each to its end, and notes what became of it. */
import { setMaxListeners } from 'node:events';
import type { LoggedRequest } from '../../audit/sources/request-log.js';
import { Follower } from './follow.js';
import { atMost, atRate } from './pace.js';
import { loggedRequest } from './request-log.js';
import type { PlannedOrder } from './requests.js';
import type { Storefront } from './storefront.js';
import type { OrderRecord } from './summary.js';
import { untilDefinite } from './until-definite.js';

export interface RunOptions {
  readonly storefront: Storefront;
  /** Orders begun a second; undefined: as fast as answers come. */
  readonly rate: number | undefined;
  readonly concurrency: number;
  /** Given up when nothing has been placed or come to its end for this long. */
  readonly idleMs: number;
  /** Stops placing, and gives up on what is not at its end. */
  readonly signal: AbortSignal;
  /** Told of every request for an order, repeated ones too. */
  readonly onRequest?: (request: LoggedRequest) => void;
  readonly onAnswer: (kind: OrderRecord['answer']['kind']) => void;
  readonly onEnd: (kind: 'SHIPPED' | 'CANCELLED') => void;
}

export interface RunResult {
  /** Of the orders that were begun. */
  readonly records: readonly OrderRecord[];
  /** From the first request for an order to the last answer, in milliseconds. */
  readonly placingMs: number;
}

export async function runLoad(orders: Iterable<PlannedOrder>, options: RunOptions): Promise<RunResult> {
  const { storefront, rate, concurrency, idleMs } = options;
  const idle = new IdleLimit(idleMs);
  const signal = AbortSignal.any([options.signal, idle.signal]);
  // Every order that waits listens to it.
  setMaxListeners(0, signal);
  const follower = new Follower({ read: (orderId) => storefront.read(orderId), signal });
  const records: OrderRecord[] = [];
  const following: Promise<void>[] = [];
  const began = performance.now();

  const place = async (order: PlannedOrder, dueAt: number): Promise<void> => {
    const placed = await placeOrder(options, order, dueAt, signal);
    const { answer } = placed;
    idle.renew();
    options.onAnswer(answer.kind);
    if (answer.kind === 'refused' || answer.kind === 'unknown') {
      records.push(placed);
      return;
    }
    const cancellation = order.cancel ? { cancellation: await cancelOrder(storefront, answer.orderId, signal) } : {};
    following.push(
      follower.follow(answer.orderId).then((end) => {
        records.push({ ...placed, ...cancellation, end });
        if (end.kind !== 'SHIPPED' && end.kind !== 'CANCELLED') return;
        idle.renew();
        options.onEnd(end.kind);
      }),
    );
  };

  try {
    if (rate === undefined) await atMost(orders, concurrency, signal, place);
    else await atRate(orders, rate, signal, place);
    const placingMs = performance.now() - began;
    await Promise.all(following);
    return { records, placingMs };
  } finally {
    idle.end();
  }
}

async function placeOrder(
  { storefront, onRequest }: RunOptions,
  { invoice, request, idempotencyKey }: PlannedOrder,
  dueAt: number,
  signal: AbortSignal,
): Promise<OrderRecord> {
  const ask = async () => {
    const sentAt = new Date();
    const answer = await storefront.place(request, idempotencyKey);
    onRequest?.(loggedRequest(idempotencyKey, answer, sentAt));
    return answer;
  };
  const { later, unknown, ...outcome } = await untilDefinite(ask, { signal });
  const counts = { invoice, later, unknown };
  if (outcome.kind === 'refused') return { ...counts, answer: outcome };
  if (outcome.kind === 'unknown') return { ...counts, answer: outcome };
  const { orderId } = outcome.body;
  // After an unknown outcome of our own a replay is most likely the answer that was lost.
  if (outcome.replayed && !outcome.unsure) return { ...counts, answer: { kind: 'replayed', orderId } };
  return { ...counts, answer: { kind: 'placed', orderId, answerMs: performance.now() - dueAt } };
}

/** What the intake said, in a word. */
async function cancelOrder(storefront: Storefront, orderId: string, signal: AbortSignal): Promise<string> {
  const answer = await untilDefinite(() => storefront.cancel(orderId), { signal });
  return answer.kind === 'accepted' ? 'accepted' : answer.reason;
}

/** Aborts when nobody has renewed it for so long. */
class IdleLimit {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    this.#timer = setTimeout(() => this.#controller.abort(), ms);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  renew(): void {
    this.#timer.refresh();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
