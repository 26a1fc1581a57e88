/** Waiting while a server is away: longer each time, with jitter, and not past the end of the process. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from '../observability/log.js';

const FIRST_MS = 100;
const LONGEST_MS = 5000;

/** A pause that rejects when `stopping` aborts, with its reason. */
export function pauseBetweenTries(
  log: Logger,
  stopping: AbortSignal,
): (failures: number, error: unknown) => Promise<void> {
  return async (failures, error) => {
    if (failures === 1 || failures % 10 === 0) {
      log.warn(
        { failures, reason: error instanceof Error ? error.message : String(error) },
        'the database is away; trying on',
      );
    }
    const longest = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
    await wait(longest * (0.5 + Math.random() / 2), undefined, { signal: stopping });
  };
}
