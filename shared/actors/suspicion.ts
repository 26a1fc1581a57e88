/**
 * What becomes of a redelivered message, by the mark that its last handling left. Pure.
 *
 * A message that kills its process passes through all of it: it dies among the first deliveries, unmarked; then in a small
 * group, marked; then alone, until that is proof enough. An innocent one is handled at the next step it comes to.
 */
import type { CrashMark } from '../postgres/crash-marks.js';

/** A holder that has shown no life for this long is dead or hangs. It shows life every second. */
const SILENT_MS = 5000;
/** Deaths of a process that handled nothing but the message. More than one: somebody may kill a process just then. */
const PROOFS = 3;
/** Processes that one message can kill in a row: among first deliveries, in a group, and alone. */
export const CRASHES_AT_MOST = 2 + PROOFS;

/**
 * - `together`: with a few others that were redelivered. - `wait`: a process that lives is at it.
 * - `alone`: while its process handles nothing else. - `dead-letter`: proven; never again without somebody's looking at it.
 */
export type Consequence =
  | { readonly kind: 'together' | 'wait' }
  | { readonly kind: 'alone' | 'dead-letter' /** Deaths proven so far. */; readonly crashes: number };

/** @param mark that somebody else has set and not cleared, if there is one */
export function consequenceOf(mark: CrashMark | undefined): Consequence {
  if (mark === undefined) return { kind: 'together' };
  if (mark.silentMs < SILENT_MS) return { kind: 'wait' };
  const crashes = mark.crashes + (mark.alone ? 1 : 0);
  return { kind: crashes < PROOFS ? 'alone' : 'dead-letter', crashes };
}
