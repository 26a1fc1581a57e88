/** A span as it is recorded, and who records it. Apart from `tracing.ts`, which loads what exports them. */
import type { SpanContext } from '../messaging/trace-context.js';
import type { SpanError } from './span-error.js';

export interface Span {
  readonly name: string;
  readonly kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  readonly context: SpanContext;
  /** Undefined for the first of a trace. */
  readonly parent: SpanContext | undefined;
  /** Since 1970, in milliseconds and fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly links?: readonly SpanContext[];
  /** What went wrong; undefined when nothing did. */
  readonly error?: SpanError | undefined;
}

export interface Tracing {
  /** Whether an order is traced. */
  samples(orderId: string | undefined): boolean;
  /** Keeps the span for the next export. Never throws; beyond a bound spans are dropped. */
  record(span: Span): void;
  /** Exports what is left. */
  stop(): Promise<void>;
}
