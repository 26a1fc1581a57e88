/** Places the bench's orders through HTTP, and measures how fast they are taken. */
import { atMost, atRate } from '../../scripts/load/pace.js';
import type { Storefront } from '../../scripts/load/storefront.js';
import { type Percentiles, percentiles } from '../../scripts/load/summary.js';
import { untilDefinite } from '../../scripts/load/until-definite.js';
import type { BenchOrder } from './workload.js';

export interface Intake {
  readonly perSecond: number;
  /** From sending a request for the first time to its 202. */
  readonly latencyMs: Percentiles;
}

/**
 * One that is told to come again does so: with many processes on few cores the intake's event loop is late at times.
 * @throws {Error} at the first order that is refused, or not taken within two minutes
 */
export async function placeAll(
  orders: Iterable<BenchOrder>,
  storefront: Storefront,
  concurrency: number,
  signal: AbortSignal,
): Promise<Intake> {
  const latencies: number[] = [];
  const began = performance.now();
  await atMost(orders, concurrency, signal, async ({ request, idempotencyKey }, sentAt) => {
    const answer = await untilDefinite(() => storefront.place(request, idempotencyKey), { signal });
    if (answer.kind !== 'accepted') throw new Error(`${idempotencyKey} was not taken: ${answer.reason}`);
    latencies.push(performance.now() - sentAt);
  });
  signal.throwIfAborted();
  return {
    perSecond: (latencies.length * 1000) / (performance.now() - began),
    latencyMs: percentiles(latencies),
  };
}

/** An order that was taken, with moments on the clock of `performance.now()`. */
export interface Placed {
  readonly orderId: string;
  /** When it was to be sent, or when it was, should that have been earlier. */
  readonly dueAt: number;
  readonly answeredAt: number;
}

/**
 * Sends so many a second, whether or not those before have been answered.
 * @throws {Error} naming an order that is not taken at once
 */
export async function placeAtRate(
  orders: Iterable<BenchOrder>,
  storefront: Storefront,
  perSecond: number,
  signal: AbortSignal,
): Promise<Placed[]> {
  const placed: Placed[] = [];
  const refused: string[] = [];
  await atRate(orders, perSecond, signal, async ({ request, idempotencyKey }, scheduledAt) => {
    // Timers are as exact as a millisecond, in both directions.
    const dueAt = Math.min(scheduledAt, performance.now());
    const answer = await storefront.place(request, idempotencyKey);
    if (answer.kind === 'accepted') placed.push({ orderId: answer.body.orderId, dueAt, answeredAt: performance.now() });
    else refused.push(`${idempotencyKey} was not taken: ${answer.reason}`);
  });
  signal.throwIfAborted();
  if (refused[0] !== undefined) throw new Error(`${refused[0]}; so were ${refused.length - 1} others`);
  return placed;
}
