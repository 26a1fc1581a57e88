/** Whether a failed message is tried again, and when. Pure. */
import { InvalidMessage } from '../messaging/invalid-message.js';
import { PermanentError, TransientError } from './errors.js';

export type Verdict =
  | {
      readonly kind: 'retry' /** Index of the rung of the ladder. */;
      readonly rung: number /** The next attempt. */;
      readonly attempt: number;
    }
  | { readonly kind: 'dead-letter'; readonly code: string };

/**
 * @param attempt the one that failed, from 1
 * @param maxAttempts the actor's limit for errors of no declared kind
 * @param rungDelaysMs delays of the ladder, ascending
 */
export function verdictOn(
  error: unknown,
  attempt: number,
  maxAttempts: number,
  rungDelaysMs: readonly number[],
): Verdict {
  if (error instanceof PermanentError || error instanceof InvalidMessage)
    return { kind: 'dead-letter', code: error.code };
  const limit = error instanceof TransientError ? error.maxAttempts : maxAttempts;
  if (attempt >= limit) return { kind: 'dead-letter', code: codeOf(error) };
  const last = rungDelaysMs.length - 1;
  const asked = error instanceof TransientError ? error.retryAfterMs : undefined;
  const longEnough = asked === undefined ? -1 : rungDelaysMs.findIndex((delay) => delay >= asked);
  const rung = asked === undefined ? Math.min(attempt - 1, last) : longEnough === -1 ? last : longEnough;
  return { kind: 'retry', rung, attempt: attempt + 1 };
}

/** The code under which an error is filed. */
function codeOf(error: unknown): string {
  if (error instanceof TransientError || error instanceof PermanentError || error instanceof InvalidMessage)
    return error.code;
  return error instanceof Error ? `unexpected.${error.name}` : 'unexpected';
}
