/** Places the bench's orders through HTTP, and measures how fast they are taken. */
import { atMost } from '../../scripts/load/pace.js';
import type { Storefront } from '../../scripts/load/storefront.js';
import { type Percentiles, percentiles } from '../../scripts/load/summary.js';
import type { BenchOrder } from './workload.js';

export interface Intake {
  readonly perSecond: number;
  /** From sending a request to its 202. */
  readonly latencyMs: Percentiles;
}

/** @throws {Error} at the first order that is not taken at once: the bench runs into no limit */
export async function placeAll(
  orders: Iterable<BenchOrder>,
  storefront: Storefront,
  concurrency: number,
  signal: AbortSignal,
): Promise<Intake> {
  const latencies: number[] = [];
  const began = performance.now();
  await atMost(orders, concurrency, signal, async ({ request, idempotencyKey }, sentAt) => {
    const answer = await storefront.place(request, idempotencyKey);
    if (answer.kind !== 'accepted') throw new Error(`${idempotencyKey} was not taken: ${answer.reason}`);
    latencies.push(performance.now() - sentAt);
  });
  signal.throwIfAborted();
  return {
    perSecond: (latencies.length * 1000) / (performance.now() - began),
    latencyMs: percentiles(latencies),
  };
}
