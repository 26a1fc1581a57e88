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

/** Every header that Warren writes. */
export const HEADER = {
  specversion: 'cloudEvents:specversion',
  id: 'cloudEvents:id',
  source: 'cloudEvents:source',
  type: 'cloudEvents:type',
  time: 'cloudEvents:time',
  schemaVersion: 'warren-schema-version',
  causationId: 'warren-causation-id',
  attempt: 'warren-attempt',
  traceparent: 'traceparent',
  tracestate: 'tracestate',
  actor: 'warren-actor',
  errorCode: 'warren-error-code',
  errorMessage: 'warren-error-message',
  release: 'warren-release',
  errorStack: 'warren-error-stack',
  /** In the place of headers that could not be read. */
  unreadable: 'warren-unreadable',
} as const;
type HeaderName = (typeof HEADER)[keyof typeof HEADER];

/**
 * What each header belongs to. Whoever keeps some and leaves others goes by that and no list of his own, so that a new one is dealt
 * with everywhere:
 * - `message`: says what the message is, in every one
 * - `cause`: the same, where it has one
 * - `attempt`: the count of them
 * - `trace`: of this sending
 * - `trace-of-others`: what they said of it
 * - `failure`: what the runtime says about the last one
 * - `failure-at-length`: the same, too long to be carried along in any case
 * - `mark`: about the headers themselves
 */
const KINDS = {
  [HEADER.specversion]: 'message',
  [HEADER.id]: 'message',
  [HEADER.source]: 'message',
  [HEADER.type]: 'message',
  [HEADER.time]: 'message',
  [HEADER.schemaVersion]: 'message',
  [HEADER.causationId]: 'cause',
  [HEADER.attempt]: 'attempt',
  [HEADER.traceparent]: 'trace',
  [HEADER.tracestate]: 'trace-of-others',
  [HEADER.actor]: 'failure',
  [HEADER.errorCode]: 'failure',
  [HEADER.errorMessage]: 'failure',
  [HEADER.release]: 'failure',
  [HEADER.errorStack]: 'failure-at-length',
  [HEADER.unreadable]: 'mark',
} as const satisfies Readonly<Record<HeaderName, string>>;
export type HeaderKind = (typeof KINDS)[HeaderName];
export type HeaderOf<K extends HeaderKind> = { [N in HeaderName]: (typeof KINDS)[N] extends K ? N : never }[HeaderName];

/** A map, since whoever publishes chooses the names that are looked for. */
const KIND_OF: ReadonlyMap<string, HeaderKind> = new Map(Object.entries(KINDS));

/** Undefined for one that Warren does not write. */
export const kindOfHeader = (name: string): HeaderKind | undefined => KIND_OF.get(name);

/** The names of all headers of a kind. */
export const headersOf = (kind: HeaderKind): string[] =>
  [...KIND_OF].filter(([, its]) => its === kind).map(([name]) => name);

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
  } satisfies Record<HeaderOf<'message' | 'trace'>, unknown>;
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
