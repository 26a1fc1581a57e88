/** When a delivery is tried again. Pure. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Pauses after the first attempt, the second and so on: 28 hours in all, as the Standard Webhooks specification suggests. */
const RUNGS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR] as const;

/** What is asked for by `Retry-After` beyond this is not waited for. */
const LONGEST_WISH_MS = 6 * HOUR;

/** Each pause is up to this share shorter or longer, so that what failed together does not come back together. */
const JITTER = 0.2;

/** Attempts of a delivery before it has failed. */
export const ATTEMPTS = RUNGS.length + 1;

/**
 * Milliseconds until the next attempt, or undefined when there is none.
 * @param attempt that failed, from 1
 * @param chance from 0 to 1
 * @param retryAfterMs asked for by the endpoint; waited for when it is longer than the rung
 */
export function pauseAfter(attempt: number, chance: number, retryAfterMs = 0): number | undefined {
  const rung = RUNGS[attempt - 1];
  if (rung === undefined) return undefined;
  const pause = rung * (1 - JITTER + 2 * JITTER * chance);
  return Math.round(Math.max(pause, Math.min(retryAfterMs, LONGEST_WISH_MS)));
}
