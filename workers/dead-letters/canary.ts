/**
 * How many letters of one fingerprint a job may redrive now. The first under a release goes alone, and its outcome decides:
 * what fails again in the same way under the same release would fail for all of them. Pure.
 */

/** What became of redrives of a fingerprint under the release that runs. */
export interface Redrives {
  /** Some are under way. */
  readonly underWay: boolean;
  /** One was handled. */
  readonly handled: boolean;
  /** One failed again in the same way. */
  readonly repeated: boolean;
}

/** `suspended` lasts until the next release, or until somebody has settled the one that failed again. */
export type Allowance = 'all' | 'canary' | 'wait' | 'suspended';

export function allowanceOf({ underWay, handled, repeated }: Redrives): Allowance {
  if (repeated) return 'suspended';
  if (handled) return 'all';
  return underWay ? 'wait' : 'canary';
}
