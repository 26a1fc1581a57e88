/** Asks until the answer is definite, or for as long as it is worth it. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from './answer.js';

/**
 * - `accepted`: `unsure` tells that an earlier try of ours may have been what did it, replayed or not.
 * - `unknown`: given up while it was not known whether a try had been carried out.
 */
export type Definite<T> = (
  | { readonly kind: 'accepted'; readonly body: T; readonly replayed: boolean; readonly unsure: boolean }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'unknown'; readonly reason: string }
) & {
  /** Tries that certainly came to nothing: not connected, or asked to come again later. */
  readonly later: number;
  /** Tries of which the outcome stayed unknown. */
  readonly unknown: number;
};

export interface Persistence {
  /** No further try is begun after this long, in milliseconds. @default 120000 */
  readonly giveUpAfterMs?: number;
  /** No further try is begun after it. */
  readonly signal: AbortSignal;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/** @param ask repeating it must be harmless */
export async function untilDefinite<T>(
  ask: () => Promise<Answer<T>>,
  { giveUpAfterMs = 120_000, signal }: Persistence,
): Promise<Definite<T>> {
  const deadline = performance.now() + giveUpAfterMs;
  const tries = { later: 0, unknown: 0 };
  for (;;) {
    const answer = await ask();
    if (answer.kind === 'accepted') return { ...answer, ...tries, unsure: tries.unknown > 0 };
    // A refusal now says nothing about an earlier try, but one that was carried out would have been replayed.
    if (answer.kind === 'refused') return { ...answer, ...tries };
    tries[answer.kind] += 1;
    const delayMs = answer.afterMs ?? backOffMs(tries.later + tries.unknown, Math.random());
    if (performance.now() + delayMs > deadline || !(await waited(delayMs, signal))) {
      return tries.unknown > 0
        ? { kind: 'unknown', reason: answer.reason, ...tries }
        : {
            kind: 'refused',
            reason: answer.reason,
            detail: 'not reached or asked to come again later, until it was given up',
            ...tries,
          };
    }
  }
}

/**
 * The wait after the so many-th failure in a row, from 1: doubles, and is spread by a half up and down.
 * @param chance from 0 to 1
 */
export const backOffMs = (failures: number, chance: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS) * (0.5 + chance);

/** Waits, and tells whether it was to the end: false when the signal cut it short. */
export async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await pause(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
