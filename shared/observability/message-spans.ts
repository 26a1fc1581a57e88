/**
 * Spans of messages that are made and sent, by OpenTelemetry's conventions for messaging and RabbitMQ: `create` when a
 * message is made, `send` from its publishing to its confirm, one each time that it is sent.
 */
import type { Message } from '../messaging/message.js';
import { causeOf, creationOf, newSpan, readTraceparent, type SpanContext } from '../messaging/trace-context.js';
import { HEADER, type Headers, type Packet } from '../messaging/wire.js';
import { nowMs, tracing } from './tracing.js';

/** What every span of a message says. @param destination as the conventions want it: `exchange:routing key`, and the queue */
export const messageAttributes = (
  operation: 'create' | 'send' | 'process',
  destination: string,
  { routingKey, messageId, correlationId }: Pick<Packet, 'routingKey' | 'messageId' | 'correlationId'>,
): Record<string, string | number> => ({
  'messaging.system': 'rabbitmq',
  'messaging.operation.type': operation,
  'messaging.operation.name': operation,
  'messaging.destination.name': destination,
  'messaging.rabbitmq.destination.routing_key': routingKey,
  'messaging.message.id': messageId ?? '',
  'messaging.message.conversation_id': correlationId ?? '',
});

/** Messages that are committed now. @param madeIn the span that made one, if it is not only known by what led to the message */
export function recordCreated(
  messages: readonly Message[],
  madeIn: (message: Message) => SpanContext | undefined = () => undefined,
): void {
  if (tracing === undefined) return;
  for (const message of messages) {
    const { id, type, correlationId, producer, occurredAt } = message;
    if (!tracing.samples(correlationId)) continue;
    const destination = `${type.slice(0, type.indexOf('.'))}:${type}`;
    const context = creationOf(message);
    const maker = madeIn(message);
    // One of another trace, a later attempt, is linked and no parent: the order's trace is whole without it.
    const inside = maker?.traceId === context.traceId;
    const attributes = messageAttributes('create', destination, { routingKey: type, messageId: id, correlationId });
    attributes['warren.producer'] = producer;
    tracing.record({
      name: `create ${destination}`,
      kind: 'producer',
      context,
      parent: maker !== undefined && inside ? maker : causeOf(message),
      links: maker === undefined || inside ? [] : [maker],
      startMs: occurredAt.getTime(),
      endMs: nowMs(),
      attributes,
    });
  }
}

/** How one sending of a message went. */
export interface Sending {
  /** Who sends: the process that made it, the relay, … */
  readonly sender: 'producer' | 'relay' | 'timers' | 'retry' | 'redrive' | 'replay';
  readonly startMs: number;
  /** What the publisher said; anything but `confirmed` is an error. */
  readonly outcome: string | undefined;
}

/** A message was sent for the first time, or again as it is. */
export function recordSent(message: Message, sending: Sending): void {
  if (tracing?.samples(message.correlationId) !== true) return;
  const { id, type, correlationId } = message;
  const creation = creationOf(message);
  const destination = `${type.slice(0, type.indexOf('.'))}:${type}`;
  record(newSpan(creation.traceId), destination, { routingKey: type, messageId: id, correlationId }, sending, {
    parent: creation,
  });
}

/**
 * A message was sent anew, and begins a trace by it; the one that it was in before is linked. Nothing of a copy that stays in
 * the trace it was in.
 */
export function recordSentAnew(packet: Packet, before: Headers, sending: Sending): void {
  if (tracing?.samples(packet.correlationId) !== true) return;
  const context = readTraceparent(packet.headers[HEADER.traceparent]);
  if (context === undefined || packet.headers[HEADER.traceparent] === before[HEADER.traceparent]) return;
  const linked = readTraceparent(before[HEADER.traceparent]);
  record(context, `${packet.exchange}:${packet.routingKey}`, packet, sending, {
    parent: undefined,
    links: linked === undefined ? [] : [linked],
  });
}

function record(
  context: SpanContext,
  destination: string,
  about: Pick<Packet, 'routingKey' | 'messageId' | 'correlationId'>,
  { sender, startMs, outcome = 'unknown' }: Sending,
  { parent, links = [] }: { readonly parent: SpanContext | undefined; readonly links?: readonly SpanContext[] },
): void {
  const attributes = messageAttributes('send', destination, about);
  attributes['warren.sender'] = sender;
  attributes['warren.outcome'] = outcome;
  tracing?.record({
    name: `send ${destination}`,
    kind: 'producer',
    context,
    parent,
    links,
    startMs,
    endMs: nowMs(),
    attributes,
    error: outcome === 'confirmed' ? undefined : { code: outcome, message: 'the broker did not confirm it' },
  });
}
