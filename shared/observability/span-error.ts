/** What a span says of an error: no more than a log line would. */
import { reasonOf } from './reason.js';

export interface SpanError {
  /** Our own code, an SQLSTATE, or the name of its class. */
  readonly code: string;
  readonly message: string;
}

/** Undefined when nothing went wrong. */
export function spanError(error: unknown): SpanError | undefined {
  if (error === undefined) return undefined;
  return { code: codeOf(error), message: reasonOf(error) };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
