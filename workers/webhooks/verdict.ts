/** What follows from an attempt. Pure. */
import type { Attempted } from './attempt.js';
import { pauseAfter } from './ladder.js';
import type { DeliveryStatus } from './messages.js';

/** An endpoint that takes longer to answer is ailing. */
const SLOW_MS = 5000;

export interface Verdict {
  readonly status: DeliveryStatus;
  /** Until the next attempt, in milliseconds; of a pending one. */
  readonly pauseMs?: number;
  readonly endpoint: EndpointHealth;
}

export interface EndpointHealth {
  readonly failed: boolean;
  /** It has fewer attempts at once. */
  readonly ailing: boolean;
  /** It wants to be told nothing any more: 410. */
  readonly gone: boolean;
}

/** @param attempt from 1 @param chance from 0 to 1 */
export function verdictOn({ error, tookMs, retryAfterMs }: Attempted, attempt: number, chance: number): Verdict {
  const failed = error !== undefined;
  const gone = error === 'gone';
  const endpoint = { failed, gone, ailing: failed || tookMs > SLOW_MS };
  if (!failed) return { status: 'delivered', endpoint };
  const pauseMs = gone ? undefined : pauseAfter(attempt, chance, retryAfterMs);
  return pauseMs === undefined ? { status: 'failed', endpoint } : { status: 'pending', pauseMs, endpoint };
}
