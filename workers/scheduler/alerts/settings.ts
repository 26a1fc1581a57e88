/** Whom the alerts of this fleet go to, and when they are raised. */
import type { Thresholds } from './conditions.js';
import type { Receiver } from './receiver.js';

export interface AlertSettings {
  readonly thresholds: Thresholds;
  /** Besides the log. */
  readonly receivers: readonly Receiver[];
  /** In milliseconds. */
  readonly repeatMs: number;
}
/** The token under which they are registered. */
export const AlertSettings = Symbol('AlertSettings');
