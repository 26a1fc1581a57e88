/** What a run came to. Pure. */
import type { End } from './follow.js';

/** All that is known of one order. */
export interface OrderRecord {
  readonly invoice: string;
  readonly answer:
    | { readonly kind: 'placed'; readonly orderId: string; readonly answerMs: number }
    /** Placed before this run, by the same idempotency key. */
    | { readonly kind: 'replayed'; readonly orderId: string }
    | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
    /** It may exist or not. */
    | { readonly kind: 'unknown'; readonly reason: string };
  /** Tries that certainly came to nothing: not connected, or asked to come again later. */
  readonly later: number;
  /** Tries of which the outcome was unknown. */
  readonly unknown: number;
  /** What the intake said when the customer cancelled. */
  readonly cancellation?: string;
  /** Of a placed or replayed order. */
  readonly end?: End;
}

/** Milliseconds. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

export interface Unaccounted {
  readonly invoice: string;
  readonly orderId?: string;
  readonly why: string;
}

export interface Summary {
  readonly orders: number;
  readonly placed: number;
  readonly replayed: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly shipped: number;
  readonly cancelled: Readonly<Record<string, number>>;
  /** Answers to customers who cancelled, by what they said. */
  readonly cancellations: Readonly<Record<string, number>>;
  readonly unaccounted: readonly Unaccounted[];
  /** Requests for orders that were sent again, by why. */
  readonly repeated: { readonly later: number; readonly unknown: number };
  readonly latencyMs: {
    readonly accepted: Percentiles;
    readonly shipped: Percentiles;
    readonly cancelled: Percentiles;
  };
  /** Orders a second: from the first request to the last answer, and from the first order to the last end. */
  readonly perSecond: { readonly placed: number; readonly ended: number };
}

/** @param placingMs from the first request for an order to the last answer */
export function summarize(records: readonly OrderRecord[], placingMs: number): Summary {
  const placed = records.filter(({ answer }) => answer.kind === 'placed');
  // What was placed before this run tells nothing about its speed.
  const ends = placed.flatMap(({ end }) => (end?.kind === 'SHIPPED' || end?.kind === 'CANCELLED' ? [end] : []));
  const latencies = (kind: 'SHIPPED' | 'CANCELLED'): Percentiles =>
    percentiles(ends.filter((end) => end.kind === kind).map(({ placedAt, endedAt }) => endedAt - placedAt));
  const known = ends.filter(({ endedAt }) => !Number.isNaN(endedAt));
  const endingMs =
    known.reduce((last, { endedAt }) => Math.max(last, endedAt), 0) -
    known.reduce((first, { placedAt }) => Math.min(first, placedAt), Number.POSITIVE_INFINITY);
  return {
    orders: records.length,
    placed: placed.length,
    replayed: records.filter(({ answer }) => answer.kind === 'replayed').length,
    refused: countBy(records, ({ answer }) => (answer.kind === 'refused' ? answer.reason : undefined)),
    shipped: records.filter(({ end }) => end?.kind === 'SHIPPED').length,
    cancelled: countBy(records, ({ end }) => (end?.kind === 'CANCELLED' ? end.reason : undefined)),
    cancellations: countBy(records, ({ cancellation }) => cancellation),
    unaccounted: records.flatMap(unaccountedOf),
    repeated: {
      later: records.reduce((sum, { later }) => sum + later, 0),
      unknown: records.reduce((sum, { unknown }) => sum + unknown, 0),
    },
    latencyMs: {
      accepted: percentiles(placed.flatMap(({ answer }) => (answer.kind === 'placed' ? [answer.answerMs] : []))),
      shipped: latencies('SHIPPED'),
      cancelled: latencies('CANCELLED'),
    },
    perSecond: { placed: rate(placed.length, placingMs), ended: rate(known.length, endingMs) },
  };
}

function unaccountedOf({ invoice, answer, end }: OrderRecord): Unaccounted[] {
  if (answer.kind === 'refused') return [];
  if (answer.kind === 'unknown') return [{ invoice, why: `no definite answer: ${answer.reason}` }];
  const { orderId } = answer;
  if (end?.kind === 'SHIPPED' || end?.kind === 'CANCELLED') return [];
  if (end?.kind === 'lost') return [{ invoice, orderId, why: 'was accepted, and does not exist' }];
  return [{ invoice, orderId, why: `is still ${end?.status ?? 'INITIATED'}` }];
}

/** By the nearest rank; values that are no number are left out. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

const rate = (count: number, ms: number): number => (count === 0 || !(ms > 0) ? 0 : (count * 1000) / ms);

function countBy<T>(items: readonly T[], keyOf: (item: T) => string | undefined): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) {
    const key = keyOf(item);
    if (key !== undefined) counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
