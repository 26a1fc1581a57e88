import { setTimeout as later } from 'node:timers/promises';

/**
 * Waits for a condition.
 * @param {() => boolean | Promise<boolean>} condition
 * @param {number} [withinMs]
 */
export async function until(condition, withinMs = 10_000) {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition}`);
    await later(20);
  }
}
