/** When requests are begun: as answers come (closed loop), or by the clock whatever comes (open loop). */
import { waited } from './until-definite.js';

/** Acts on every item, on at most so many at once; begins none after the signal. */
export async function atMost<T>(
  items: Iterable<T>,
  concurrency: number,
  signal: AbortSignal,
  act: (item: T, dueAt: number) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !signal.aborted; next = iterator.next()) {
      await act(next.value, performance.now());
    }
  };
  await Promise.all(Array.from({ length: concurrency }, lane));
}

/**
 * Begins so many a second, whether or not those before have come back, so that a slow intake is not spared. An item's
 * `dueAt` is when it should have begun: latency that is counted from there hides no waiting.
 */
export async function atRate<T>(
  items: Iterable<T>,
  perSecond: number,
  signal: AbortSignal,
  act: (item: T, dueAt: number) => Promise<void>,
): Promise<void> {
  const began = performance.now();
  const acts: Promise<void>[] = [];
  let count = 0;
  for (const item of items) {
    const dueAt = began + (count * 1000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 0 && !(await waited(early, signal))) break;
    if (signal.aborted) break;
    acts.push(act(item, dueAt));
    count += 1;
  }
  await Promise.all(acts);
}
