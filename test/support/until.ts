import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/** Waits for the condition, and returns what it gave. @throws {Error} naming it when it does not hold within `withinMs` */
export async function until<T>(
  what: string,
  condition: () => Promise<T | false | undefined> | T | false | undefined,
  withinMs = 15_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const result = await condition();
    if (result !== false && result !== undefined) return result;
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await wait(LOOK_EVERY_MS);
  }
}
