import { setTimeout as later } from 'node:timers/promises';
import { Failure } from '../terminal/failure.mjs';

/** Who has ended this often before its first answer will not answer. */
const DEATHS_TO_GIVE_UP = 3;
const POLL_MS = 200;

/**
 * Waits until a process says that it is ready.
 * @param {import('./supervise.mjs').Supervised} supervised
 * @param {{ withinMs: number, signal: AbortSignal }} options
 */
export async function untilReady({ part, deaths, lastLines }, { withinMs, signal }) {
  const deadline = Date.now() + withinMs;
  let answer = 'no answer';
  for (;;) {
    signal.throwIfAborted();
    answer = await ask(part.readyUrl, answer);
    if (answer === 'ready') return;
    if (deaths() >= DEATHS_TO_GIVE_UP || Date.now() > deadline) {
      const what =
        deaths() >= DEATHS_TO_GIVE_UP
          ? `${part.name} ended ${deaths()} times before it was ready`
          : `${part.name} was not ready within ${withinMs / 1000} s (${part.readyUrl}: ${answer})`;
      throw new Failure(what, { why: lastLines(), remedy: `run it by itself to see more: ${part.command.join(' ')}` });
    }
    await later(POLL_MS);
  }
}

/**
 * @param {string} url
 * @param {string} before the last answer, kept while there is none
 */
async function ask(url, before) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const body = await response.text();
    return response.ok ? 'ready' : `${response.status} ${body.slice(0, 200)}`;
  } catch {
    return before;
  }
}
