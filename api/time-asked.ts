/** Times that a request names, and what is refused of them. */
import { type Fault, Problem } from './problem.js';

/** Milliseconds since 1970. @param at where the request names it @throws {Problem} `request.invalid` */
export function timeMs(time: string, at: { readonly pointer: string } | { readonly parameter: string }): number {
  const ms = Date.parse(time);
  if (Number.isNaN(ms)) throw invalid({ ...at, detail: 'is no day of the calendar, or no time of a day' });
  return ms;
}

export const invalid = (...faults: Fault[]): Problem =>
  new Problem('request.invalid', 'See "errors" for what to change.', { faults });
