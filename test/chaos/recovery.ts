/** How fast the fleet recovered, told from when orders were placed and ended. Pure. */
import type { Happening } from './injection.js';

/** By which the clocks of one machine seem to differ at most: times are rounded, and told before the commit. */
const SLACK_MS = 1000;

/** Times are in milliseconds since 1970. */
export interface OrderTimes {
  readonly placedAt: number;
  /** When the event said so that ends it; undefined: not at its end. */
  readonly endedAt: number | undefined;
}

/** Those whose times can be true: the others were told by processes whose clocks were wrong. @param from of the run, to its end */
export const timed = (orders: readonly OrderTimes[], from: number, to: number): OrderTimes[] =>
  orders.filter(
    ({ placedAt, endedAt = to }) => placedAt >= from - SLACK_MS && endedAt >= placedAt - SLACK_MS && endedAt <= to,
  );

/** From the heal of a fault, in milliseconds. */
export interface Recovery {
  /** Until the end of the first order that was placed after the heal; undefined: there was none. */
  readonly worksAfterMs: number | undefined;
  /** Until every order placed before the heal was at its end; undefined: it never was so. */
  readonly caughtUpAfterMs: number | undefined;
}

export function recoveryOf({ healedAt }: Pick<Happening, 'healedAt'>, orders: readonly OrderTimes[]): Recovery {
  const later = orders.flatMap(({ placedAt, endedAt = Number.NaN }) =>
    placedAt >= healedAt && !Number.isNaN(endedAt) ? [endedAt] : [],
  );
  const earlier = orders.filter(({ placedAt }) => placedAt < healedAt);
  const ends = earlier.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY);
  const last = ends.reduce((latest, endedAt) => Math.max(latest, endedAt), healedAt);
  return {
    worksAfterMs: later.length === 0 ? undefined : Math.min(...later) - healedAt,
    caughtUpAfterMs: Number.isFinite(last) ? last - healedAt : undefined,
  };
}

export interface Window {
  readonly fromMs: number;
  readonly placed: number;
  readonly ended: number;
  /** Faults that lasted in it, those that began before with `…`. */
  readonly faults: readonly string[];
}

/** The run in windows, from its beginning to the end of the last order. */
export function windowsOf(
  startedAt: number,
  orders: readonly OrderTimes[],
  happenings: readonly Happening[],
  windowMs: number,
): Window[] {
  const lastAt = Math.max(
    startedAt,
    ...orders.map(({ placedAt, endedAt = 0 }) => Math.max(placedAt, endedAt)),
    ...happenings.map(({ healedAt }) => healedAt),
  );
  return Array.from({ length: Math.floor((lastAt - startedAt) / windowMs) + 1 }, (_, at): Window => {
    const from = startedAt + at * windowMs;
    const isIn = (time: number | undefined): boolean => time !== undefined && time >= from && time < from + windowMs;
    return {
      fromMs: at * windowMs,
      placed: orders.filter(({ placedAt }) => isIn(placedAt)).length,
      ended: orders.filter(({ endedAt }) => isIn(endedAt)).length,
      faults: happenings
        .filter(({ beganAt, healedAt }) => beganAt < from + windowMs && healedAt >= from)
        .map(({ name, victim, beganAt }) => (isIn(beganAt) ? `${name} (${victim})` : `… ${name}`)),
    };
  });
}
