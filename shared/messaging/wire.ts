/**
 * How a message travels: AMQP properties, CloudEvents 1.0 attributes as headers (AMQP protocol binding, prefix
 * `cloudEvents:`), JSON body. Pure; the shapes are AMQP's, not those of a library.
 */
import type { Contract } from './contract.js';
import { InvalidMessage } from './invalid-message.js';
import { isKeepable } from './keepable.js';
import type { Message } from './message.js';
import { isId } from './message-id.js';
import { creationOf, sentAnew, traceparentOf } from './trace-context.js';

export type Headers = Record<string, unknown>;

/** What is handed to a channel. */
export interface Packet {
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly messageId: string | undefined;
  readonly correlationId: string | undefined;
  readonly type: string | undefined;
  readonly headers: Headers;
}

/** What a channel hands over; everything a publisher could leave out may be missing. */
export interface Received {
  readonly content: Buffer;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly messageId: string | undefined;
  readonly correlationId: string | undefined;
  readonly type: string | undefined;
  readonly headers: Headers;
}

/** A received message, checked and raised to the newest schema version. */
export interface Decoded {
  readonly id: string;
  readonly type: string;
  readonly correlationId: string;
  /** From 1. */
  readonly attempt: number;
  readonly payload: unknown;
}

export const HEADER = {
  attempt: 'warren-attempt',
  causationId: 'warren-causation-id',
  schemaVersion: 'warren-schema-version',
  errorCode: 'warren-error-code',
  errorMessage: 'warren-error-message',
  errorStack: 'warren-error-stack',
  actor: 'warren-actor',
  release: 'warren-release',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  /** In the place of headers that could not be read. */
  unreadable: 'warren-unreadable',
} as const;

/** The packet that carries a message to its exchange. @param sampled whether its order is traced */
export function encode(message: Message, sampled = false): Packet {
  const headers: Headers = {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': message.id,
    'cloudEvents:source': `/warren/${message.producer}`,
    'cloudEvents:type': message.type,
    'cloudEvents:time': message.occurredAt.toISOString(),
    [HEADER.schemaVersion]: message.version,
    [HEADER.traceparent]: traceparentOf(creationOf(message), sampled),
  };
  if (message.causationId !== null) headers[HEADER.causationId] = message.causationId;
  return {
    exchange: message.type.slice(0, message.type.indexOf('.')),
    routingKey: message.type,
    content: Buffer.from(message.body),
    messageId: message.id,
    correlationId: message.correlationId,
    type: message.type,
    headers,
  };
}

/**
 * The headers that put a message which is sent anew into a trace of its own. What others said of the one before goes, as W3C
 * wants it where a trace begins.
 * @param sending tells this sending from others of the message
 */
export function anewHeaders(
  { headers, messageId }: Pick<Received, 'headers' | 'messageId'>,
  sending: string,
  sampled: boolean,
): Headers {
  const before = headers[HEADER.traceparent];
  const context = sentAnew(typeof before === 'string' ? before : (messageId ?? ''), sending);
  return { [HEADER.traceparent]: traceparentOf(context, sampled), [HEADER.tracestate]: undefined };
}

/** Nobody counts further; a header from outside may say anything. */
const MOST_ATTEMPTS = 1_000_000;

/**
 * Reads a delivery by the contracts an actor handles.
 * @throws {InvalidMessage} saying why no attempt can succeed
 */
export function decode(received: Received, contractOf: (type: string) => Contract | undefined): Decoded {
  const { messageId, correlationId } = received;
  if (messageId === undefined || !isId(messageId)) {
    throw new InvalidMessage('message.no-id', 'the message-id property is missing or no UUID; publish it with one');
  }
  if (correlationId === undefined || !isId(correlationId)) {
    throw new InvalidMessage('message.no-id', 'the correlation-id property is missing or no UUID; it is the order id');
  }
  if (HEADER.unreadable in received.headers) {
    throw new InvalidMessage(
      'message.unreadable-headers',
      'its headers are nested too deeply, and were left out; publish it without them, and discard this one',
    );
  }
  const type = received.type ?? received.routingKey;
  const contract = contractOf(type);
  if (contract === undefined) {
    throw new InvalidMessage(
      'message.unknown-type',
      `no handler takes ${type}; deploy the release that does, then redrive`,
    );
  }
  const payload = contract.parse(parseJson(type, received.content), versionOf(type, received.headers));
  if (isAboutAnother(payload, correlationId)) {
    throw new InvalidMessage(
      'message.invalid',
      `${type} at /orderId: not the order that the correlation-id property names; publish it with one of the two`,
    );
  }
  return { id: messageId, type, correlationId, attempt: attemptOf(received.headers), payload };
}

/** A publisher of before there were versions gives none. */
function versionOf(type: string, headers: Headers): number {
  const { [HEADER.schemaVersion]: version = 1 } = headers;
  if (typeof version === 'number') return version;
  throw new InvalidMessage(
    'message.unknown-version',
    `${type} arrived with a ${HEADER.schemaVersion} header that is no number; publish it with one`,
  );
}

/** Its states are those of one order, and its actor would act on the other. */
function isAboutAnother(payload: unknown, correlationId: string): boolean {
  if (typeof payload !== 'object' || payload === null || !('orderId' in payload)) return false;
  return payload.orderId !== correlationId;
}

/** The attempt that a delivery is, from 1: our own count, since the broker's starts anew after every hop. */
export function attemptOf(headers: Headers): number {
  const attempt = headers[HEADER.attempt];
  return typeof attempt === 'number' && Number.isInteger(attempt) && attempt > 0 ? Math.min(attempt, MOST_ATTEMPTS) : 1;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(type: string, content: Buffer): unknown {
  const { text, value } = jsonOf(content);
  // Neither stands in JSON in UTF-8 but as an escape.
  if (!text.includes('\\u') || isKeepable(value)) return value;
  throw new InvalidMessage(
    'message.invalid',
    `${type} has a text with a NUL or half of a surrogate pair in it, which nothing can keep; publish it without`,
  );
}

function jsonOf(content: Buffer): { readonly text: string; readonly value: unknown } {
  try {
    const text = utf8.decode(content);
    return { text, value: JSON.parse(text) };
  } catch {
    throw new InvalidMessage('message.not-json', 'the body is not JSON in UTF-8');
  }
}

/** A property or header that a publisher may have left out, left empty, or not made a text. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
