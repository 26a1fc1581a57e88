/**
 * How long whoever places an order prefers to wait for what becomes of it: `Prefer: wait=N` and `respond-async` (RFC 7240, 4.1
 * and 4.3). Pure.
 */
import { preferencesOf } from '../preferences.js';

/** Below the 30 s after which many routers give up on an answer. */
const WAIT_AT_MOST_S = 25;

export interface Patience {
  /** 0 to 25 seconds from when the request came; undefined when none was asked for. */
  readonly waitS: number | undefined;
  /** Asked for an answer before the order is done. Without `wait`, at once. */
  readonly respondAsync: boolean;
}

/** A wait that is no number of seconds is ignored; a longer one is taken as the longest there is. */
export function patienceOf(header: string | readonly string[] | undefined): Patience {
  const preferences = preferencesOf(header);
  const wait = preferences.get('wait') ?? '';
  return {
    waitS: /^\d+$/.test(wait) ? Math.min(Number(wait), WAIT_AT_MOST_S) : undefined,
    respondAsync: preferences.get('respond-async') === '',
  };
}

/** How the order stood when it was answered: decided, still on its way after the wait, or not waited for. */
export type Answered = 'decided' | 'late' | 'unawaited';

/** `Preference-Applied`; undefined when no preference had a part in the answer. */
export function appliedOf({ waitS, respondAsync }: Patience, answered: Answered): string | undefined {
  const applied = [
    ...(respondAsync && answered !== 'decided' ? ['respond-async'] : []),
    ...(waitS !== undefined && answered !== 'unawaited' ? [`wait=${waitS}`] : []),
  ];
  return applied.length === 0 ? undefined : applied.join(', ');
}
