/**
 * Which span a message belongs to, by W3C Trace Context and without storing anything: an order's id is its trace's, and the
 * random half of a message's id is the id of the span that created it. Whoever sends a message can tell.
 */
import { createHash } from 'node:crypto';
import type { Message } from './message.js';
import { newId } from './message-id.js';

/** Names one span. */
export interface SpanContext {
  /** 32 digits in lower-case hex. */
  readonly traceId: string;
  /** 16 digits in lower-case hex. */
  readonly spanId: string;
}

/** The trace of an order. A UUID has 16 bytes, as a trace id has. */
export const traceIdOf = (orderId: string): string =>
  `${orderId.slice(0, 8)}${orderId.slice(9, 13)}${orderId.slice(14, 18)}${orderId.slice(19, 23)}${orderId.slice(24)}`;

/** The second half of a UUID: never zero, since it begins with the UUID's variant. */
const spanIdOf = (id: string): string => id.slice(19, 23) + id.slice(24);

/** The span in which a message was made. */
export const creationOf = ({ id, correlationId }: Pick<Message, 'id' | 'correlationId'>): SpanContext => ({
  traceId: traceIdOf(correlationId),
  spanId: spanIdOf(id),
});

/** The request that placed the order: the first span of its trace. */
export const placingOf = (orderId: string): SpanContext => creationOf({ id: orderId, correlationId: orderId });

/** A span that nobody has to derive, in a trace or as the first of one. */
export function newSpan(traceId?: string): SpanContext {
  const id = newId();
  return { traceId: traceId ?? traceIdOf(id), spanId: spanIdOf(id) };
}

/** What led to a message: the making of its cause, or the request that placed its order. */
export const causeOf = ({ causationId, correlationId }: Pick<Message, 'causationId' | 'correlationId'>): SpanContext =>
  causationId === null ? placingOf(correlationId) : creationOf({ id: causationId, correlationId });

/** @param sampled whether its spans are recorded */
export const traceparentOf = ({ traceId, spanId }: SpanContext, sampled: boolean): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,200})?$/;
const NOTHING = /^0+$/;

/** Reads a `traceparent`; undefined for one that W3C calls invalid, or none. */
export function readTraceparent(header: unknown): (SpanContext & { readonly sampled: boolean }) | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version = 'ff', traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? [];
  // A later version may say more behind what is known; version ff is none.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (NOTHING.test(traceId) || NOTHING.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

/**
 * The context of a message that is sent once more: a trace of its own, whose first span is that sending.
 * @param before what told the sendings apart so far: its `traceparent`, or its id
 * @param sending tells this one from others of the message, e.g. its attempt
 */
export function sentAnew(before: string, sending: string): SpanContext {
  const digest = createHash('sha256').update(`${before}\n${sending}`).digest('hex');
  return { traceId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
}
