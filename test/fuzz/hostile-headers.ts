/** Properties and headers that a publisher may give a message, in all types that AMQP has. As amqplib takes them. */
import fc from 'fast-check';
import { HEADER } from '../../shared/messaging/wire.js';

/** What replaces properties and headers of a good message, and why it is refused then. */
export interface WrongProperty {
  readonly what: string;
  readonly properties: object;
  readonly headers: object;
  readonly code: string;
}

/** No two alike, which the border values that are otherwise preferred would be. */
export const UUID: fc.Arbitrary<string> = fc.noBias(fc.uuid());
const LONG = 'x'.repeat(200);
const text = fc.string({ unit: 'binary', maxLength: 50 });
const capitals = (id: string): string => `A${id.slice(1).toUpperCase()}`;
/** Ids say where a letter came from: each is another. */
const unlike = (front: string) => UUID.map((id) => `${front}${id}`);

export const NO_ID: fc.Arbitrary<WrongProperty> = fc
  .oneof(
    fc.record({
      messageId: fc.oneof(unlike('x'), unlike(' '), unlike('\u0000'), UUID.map(capitals), unlike(LONG)),
    }),
    fc.constant({ messageId: undefined }),
    fc.record({ correlationId: fc.constantFrom('', 'x', 'null', '\u0000', 'a'.repeat(255), '__proto__') }),
    fc.constant({ correlationId: undefined }),
  )
  .map((properties) => ({ what: 'no id', properties, headers: {}, code: 'message.no-id' }));

export const UNKNOWN_TYPE: fc.Arbitrary<WrongProperty> = fc
  .constantFrom('', 'x', 'orders.made-up', 'Orders.Order-Placed', '__proto__', 'constructor', '\u0000', 'a'.repeat(255))
  .map((type) => ({ what: 'unknown type', properties: { type }, headers: {}, code: 'message.unknown-type' }));

/** A value that `JSON.stringify` or JavaScript's numbers make something else of. */
const ODD_NUMBERS = [
  // Neither NaN nor infinity: with those the broker ends the connection of who publishes.
  { '!': 'double', value: 5e-324 },
  { '!': 'timestamp', value: 1 },
  { '!': 'decimal', value: { places: 0, digits: 1 } },
] as const;

export const NO_VERSION: fc.Arbitrary<WrongProperty> = fc
  .constantFrom<unknown>(0, -1, 1.5, 99, 2 ** 53, '1', '', true, null, [], [1], {}, Buffer.from('1'), ...ODD_NUMBERS)
  .map((version) => ({
    what: 'unknown version',
    properties: {},
    headers: { [HEADER.schemaVersion]: version },
    code: 'message.unknown-version',
  }));

/** Headers at random; those that say what the message is stay as they are. */
export function oddHeaders(canary: string): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const value: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', maxDepth: 4 },
      fc.constantFrom<unknown>(
        canary,
        null,
        true,
        false,
        0,
        -1,
        1.5,
        2 ** 53,
        'x'.repeat(10_000),
        Buffer.from([0, 255]),
      ),
      fc.constantFrom<unknown>(
        ...ODD_NUMBERS,
        { '!': 'float', value: 0.1 },
        { '!': 'timestamp', value: 2 ** 64 - 2048 },
      ),
      text,
      fc.maxSafeInteger(),
      fc.array(tie('value'), { maxLength: 4 }),
      // A table that has the name by which amqplib marks its types comes back as something else.
      fc
        .dictionary(fc.oneof(text, fc.constantFrom('!', '__proto__', 'value')), tie('value'), { maxKeys: 3 })
        .map(table),
    ),
  })).value;
  return fc
    .array(fc.tuple(NAME, value).map(dyingNotYet), { maxLength: 6 })
    .map((headers) => Object.fromEntries([...headers, ...(headers.length > 3 ? [['x-canary', canary]] : [])]));
}

const NAME = fc.oneof(
  fc.constantFrom(
    'x-death',
    'x-first-death-reason',
    'x-delivery-count',
    'x-delay',
    'traceparent',
    'tracestate',
    'cloudEvents:time',
    'cloudEvents:id',
    'constructor',
    'toString',
    'x'.repeat(255),
    '\u0000',
    HEADER.causationId,
    HEADER.errorMessage,
    HEADER.errorStack,
    HEADER.release,
    'warren-made-up',
  ),
  text,
);

/**
 * RabbitMQ 3.10 dies of a message that it has to dead-letter and that came with a list of anything but tables in this header; the
 * queue then dead-letters nothing any more. Nobody outside of the fleet may publish to the queues where that would matter.
 */
const dyingNotYet = ([name, value]: [string, unknown]): [string, unknown] =>
  name === 'x-death' && Array.isArray(value) ? [name, value.length] : [name, value];

/** As amqplib would send it as a table: what names a type to it is taken for that type. */
function table(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.hasOwn(value, '!') ? { '!': 'object', value } : value;
}

const SHORT = fc.string({ unit: 'grapheme-ascii', maxLength: 40 });

/** Properties that nobody asks for. */
export const ODD_PROPERTIES: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.record(
  {
    contentType: fc.constantFrom('text/plain', 'application/xml', '', 'application/json; charset=utf-16'),
    contentEncoding: fc.constantFrom('gzip', 'br', '', 'utf-16'),
    timestamp: fc.constantFrom(0, 1, 2 ** 31, 2 ** 53),
    priority: fc.integer({ min: 0, max: 255 }),
    persistent: fc.boolean(),
    replyTo: SHORT,
    appId: SHORT,
  },
  { requiredKeys: [] },
);
