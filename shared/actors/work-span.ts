/**
 * Spans of one delivery of a sampled message: `process` from its taking out of the mailbox to its ack, or until it leaves
 * another way, and in it the effect. Its parent stands in the message's header, so a copy that was sent anew goes on in the
 * trace that its sending began.
 */
import { creationOf, newSpan, readTraceparent, type SpanContext } from '../messaging/trace-context.js';
import { type Decoded, HEADER } from '../messaging/wire.js';
import { carry } from '../observability/carried-context.js';
import { messageAttributes } from '../observability/message-spans.js';
import { type SpanError, spanError } from '../observability/span-error.js';
import { nowMs, tracing } from '../observability/tracing.js';
import type { Delivery } from '../rabbitmq/delivery.js';

/** What became of a delivery; `put-off` when another process has the message in hand, or the channel is gone. */
type Ending = 'done' | 'duplicate' | 'dead-lettered' | 'held' | 'failed' | 'given-back' | 'put-off';

export class WorkSpan {
  readonly context: SpanContext;
  readonly #actor: string;
  readonly #message: Decoded;
  readonly #delivery: Delivery;
  readonly #parent: SpanContext;
  readonly #startMs = nowMs();
  readonly #batches: SpanContext[] = [];
  #ended = false;

  private constructor(actor: string, message: Decoded, delivery: Delivery) {
    this.#actor = actor;
    this.#message = message;
    this.#delivery = delivery;
    this.#parent = readTraceparent(delivery.headers[HEADER.traceparent]) ?? creationOf(message);
    this.context = newSpan(this.#parent.traceId);
  }

  /** Undefined when the message's order is not traced. */
  static begin(actor: string, message: Decoded, delivery: Delivery): WorkSpan | undefined {
    if (tracing?.samples(message.correlationId) !== true) return undefined;
    return new WorkSpan(actor, message, delivery);
  }

  /** A batch tries to commit it; one that is split or tried again is several. */
  committedIn(batch: SpanContext): void {
    this.#batches.push(batch);
  }

  /** An effect begins; what it asks for with the signal belongs to it. Returns how to end it. */
  effect(step: string, signal: AbortSignal): (error?: unknown) => void {
    const context = newSpan(this.context.traceId);
    const startMs = nowMs();
    carry(signal, context);
    return (error) => {
      tracing?.record({
        name: `effect ${this.#actor}.${step}`,
        kind: 'internal',
        context,
        parent: this.context,
        startMs,
        endMs: nowMs(),
        attributes: {
          'warren.actor': this.#actor,
          'warren.step': step,
          'warren.order_id': this.#message.correlationId,
          'warren.outcome': error === undefined ? 'performed' : 'failed',
        },
        error: spanError(error),
      });
    };
  }

  /** The first ending counts. */
  end(outcome: Ending, error?: SpanError): void {
    if (this.#ended) return;
    this.#ended = true;
    const { id, type, correlationId, attempt } = this.#message;
    const { headers, redelivered } = this.#delivery;
    const destination = `${type.slice(0, type.indexOf('.'))}:${type}:${this.#actor}`;
    // Written one by one: spreading costs more than all the rest of the span.
    const attributes = messageAttributes('process', destination, {
      routingKey: type,
      messageId: id,
      correlationId,
    });
    attributes['warren.actor'] = this.#actor;
    attributes['warren.attempt'] = attempt;
    if (redelivered) attributes['warren.redelivered'] = 1;
    attributes['warren.outcome'] = outcome;
    const madeAt = Date.parse(String(headers[HEADER.time]));
    if (!Number.isNaN(madeAt)) attributes['warren.age_ms'] = Math.max(0, Math.round(this.#startMs - madeAt));
    tracing?.record({
      name: `process ${destination}`,
      kind: 'consumer',
      context: this.context,
      parent: this.#parent,
      links: this.#batches,
      startMs: this.#startMs,
      endMs: nowMs(),
      attributes,
      error,
    });
  }
}
