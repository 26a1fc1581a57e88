/**
 * The span of an effect, found by the signal that the effect hands to whoever acts for it. What Node offers for this
 * (AsyncLocalStorage) would slow down every promise of the process, sampled or not.
 */
import type { SpanContext } from '../messaging/trace-context.js';

const carried = new WeakMap<AbortSignal, SpanContext>();

export function carry(signal: AbortSignal, context: SpanContext): void {
  carried.set(signal, context);
}

/** Undefined when what the signal belongs to is not traced. */
export const carriedBy = (signal: AbortSignal): SpanContext | undefined => carried.get(signal);
