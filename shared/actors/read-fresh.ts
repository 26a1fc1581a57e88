/** Reading what must not be old when it is acted on. */

/** What is older is not acted on: this process may have stood still, and another one have done the work. */
export const FRESH_MS = 1000;

/**
 * Reads once more where it took long: the process may have stood still with the answer in its socket, and what that says be old. The
 * second time it is the database that is slow.
 * @returns when it was there, on the monotonic clock, which runs on while the process is stopped; it was read `FRESH_MS` before at most,
 *   unless it took as long twice
 */
export async function readFresh<T>(read: () => Promise<T>): Promise<{ readonly value: T; readonly at: number }> {
  for (let tries = 1; ; tries++) {
    const begun = performance.now();
    const value = await read();
    const at = performance.now();
    if (tries > 1 || at - begun <= FRESH_MS) return { value, at };
  }
}
