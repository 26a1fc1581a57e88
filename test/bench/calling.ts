/** Callers that each send their next order as soon as the one before was answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Percentiles, percentiles } from '../../scripts/load/summary.js';
import type { Caller } from './caller.js';
import type { BenchOrder } from './workload.js';

export interface Taken {
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  readonly perSecond: number;
  readonly refusedPerSecond: number;
  /** From sending a request to its 202. */
  readonly latencyMs: Percentiles;
}

interface Calling {
  readonly callers: readonly Caller[];
  readonly orders: Iterator<BenchOrder>;
  readonly signal: AbortSignal;
}

/** Ends when the last answer to what was sent in that time has come. One that is told to come again later does so then. */
export async function callFor(seconds: number, { callers, orders, signal }: Calling): Promise<Taken> {
  const latencies: number[] = [];
  let refused = 0;
  let unknown = 0;
  const began = performance.now();
  const leftMs = (): number => (signal.aborted ? 0 : Math.max(0, began + seconds * 1000 - performance.now()));
  const call = async (caller: Caller): Promise<void> => {
    for (let next = orders.next(); !next.done && leftMs() > 0; next = orders.next()) {
      const sentAt = performance.now();
      const reply = await caller.place(next.value).catch(() => undefined);
      if (reply === undefined) {
        unknown += 1;
      } else if (reply.status === 202) {
        latencies.push(performance.now() - sentAt);
      } else if (reply.status === 503 && reply.afterMs > 0) {
        refused += 1;
        // Without a signal: thousands that listen to one would cost more than what is measured.
        await pause(Math.min(reply.afterMs, leftMs()));
      } else {
        throw new Error(`an order was answered with ${reply.status}`);
      }
    }
  };
  const hangUp = (): void => {
    for (const caller of callers) caller.close();
  };
  signal.addEventListener('abort', hangUp);
  await Promise.all(callers.map(call)).finally(() => signal.removeEventListener('abort', hangUp));
  signal.throwIfAborted();
  const tookS = (performance.now() - began) / 1000;
  return {
    accepted: latencies.length,
    refused,
    unknown,
    perSecond: latencies.length / tookS,
    refusedPerSecond: refused / tookS,
    latencyMs: percentiles(latencies),
  };
}
