/** Why a check has nothing to look into, and the sources that say so. */

/**
 * A check has nothing to look into.
 * - `left-out`: whoever asked for the audit left it out, or gave nothing to look for.
 * - `unreached`: it should have been looked into, and could not be.
 */
export class NoEvidence extends Error {
  override readonly name = 'NoEvidence';
  constructor(
    readonly kind: 'left-out' | 'unreached',
    message: string,
  ) {
    super(message);
  }
}

/** A source that is read when it is first asked for; a failure is remembered like an answer. */
export function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => {
    reading ??= read();
    return reading;
  };
}

/** A source that was left out, and why. */
export const leftOut =
  (why: string): (() => Promise<never>) =>
  () =>
    Promise.reject(new NoEvidence('left-out', why));

/** A source that cannot be read, and the remedy. */
export const unreached =
  (why: string): (() => Promise<never>) =>
  () =>
    Promise.reject(new NoEvidence('unreached', why));
