/** Messages that are refused as they are: nobody could handle them, whatever there is. */
import fc from 'fast-check';
import { NO_ID, NO_VERSION, UNKNOWN_TYPE, UUID } from './hostile-headers.js';
import {
  bodyOf,
  type Ending,
  type Hostile,
  type Making,
  orderOf,
  type Place,
  WHOSE,
  withHeaders,
} from './hostile-message.js';
import { bodyLike } from './spoilt.js';

/** Stands in a body that is going to be spoilt. */
const SOME_ORDER = '01938f00-0000-7000-8000-000000000001';
const BYTES_AT_MOST = 4 * 1024 * 1024;

export function spoiltBody(making: Making): fc.Arbitrary<Hostile> {
  return making.place().chain((place) =>
    fc
      .record({ ...named, body: bodyLike({ ...bodyOf(place, SOME_ORDER), note: making.canary }) })
      .map(({ id, pick, of, body: spoilt }): Hostile => {
        // What is repeated often enough would only measure how busy the machine is.
        const body = spoilt.subarray(0, BYTES_AT_MOST);
        const code = codeOf(making, place, body);
        // It may have stayed good: a brace too many makes every object something else.
        const content = code === undefined ? Buffer.concat([body, Buffer.from('}')]) : body;
        return (scene) => ({
          ...making.good(place, orderOf(scene, of, pick, id), id),
          content,
          what: 'body',
          ends: [code ?? 'message.not-json'],
        });
      }),
  );
}

export function wrongBytes(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ ...named, place: making.place(), write: fc.constantFrom(...WRONG_BYTES) }).map(
    ({ place, id, pick, of, write }): Hostile =>
      (scene) => {
        const good = making.good(place, orderOf(scene, of, pick, id), id);
        return { ...good, content: write(good.content), what: 'bytes', ends: ['message.not-json'] };
      },
  );
}

/** JSON, and as its contract says, with something in it that no database can hold. */
export function unkeepable(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ ...named, place: making.place(), text: fc.constantFrom(...UNKEEPABLE), asName: fc.boolean() }).map(
    ({ place, id, pick, of, text, asName }): Hostile =>
      (scene) => {
        const good = making.good(place, orderOf(scene, of, pick, id), id);
        const member = asName ? `"${text}":1` : `"more":["${text}"]`;
        const content = Buffer.from(`{${member},${good.content.toString().slice(1)}`);
        return { ...good, content, what: 'unkeepable', ends: ['message.invalid'] };
      },
  );
}

export function wrongProperty(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ ...named, place: making.place(), wrong: fc.oneof(NO_ID, UNKNOWN_TYPE, NO_VERSION) }).map(
    ({ place, id, pick, of, wrong: { what, code, headers, properties } }): Hostile =>
      (scene) => {
        const good = making.good(place, orderOf(scene, of, pick, id), id);
        const wrong = { ...good, properties: { ...good.properties, ...properties } };
        return { ...withHeaders(wrong, headers), what, ends: [code] };
      },
  );
}

/** About one order by its body, and about another by its property. */
export function twoOrders(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ ...named, place: making.place(), other: UUID, inBody: fc.boolean() }).map(
    ({ place, id, other, pick, of, inBody }): Hostile =>
      (scene) => {
        const orderId = orderOf(scene, of, pick, id);
        const good = making.good(place, inBody ? other : orderId, id);
        const properties = { ...good.properties, correlationId: inBody ? orderId : other };
        return { ...good, properties, what: 'two orders', ends: ['message.invalid'] };
      },
  );
}

export function huge(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ place: making.place(), id: UUID, size: fc.integer({ min: 500_000, max: 3_000_000 }) }).map(
    ({ place, id, size }): Hostile =>
      () => ({
        ...making.good(place, id, id, { filling: 'x'.repeat(size) }),
        what: 'huge',
        ends: ['message.invalid'],
      }),
  );
}

const named = { id: UUID, pick: fc.nat(), of: WHOSE };

const UNKEEPABLE = ['\\u0000', 'a\\u0000b', '\\ud83d', '\\udc00', '\\udc00\\ud83d', '\\uD83Da'];

const WRONG_BYTES: readonly ((good: Buffer) => Buffer)[] = [
  (good) => good.subarray(0, good.length - 1),
  (good) => good.subarray(0, Math.floor(good.length / 2)),
  (good) => Buffer.concat([good, good]),
  (good) => Buffer.from(good.toString(), 'utf16le'),
  (good) => Buffer.from(`'${good.toString()}'`),
  (good) => Buffer.from(good.toString('base64')),
  (good) => Buffer.concat([Buffer.from([0x1f, 0x8b, 0x08, 0x00]), good]),
  (good) => Buffer.concat([good, Buffer.from([0x00])]),
  (good) => Buffer.concat([good.subarray(0, 5), Buffer.from([0xff, 0xfe, 0xc0]), good.subarray(5)]),
  (good) => Buffer.concat([good, Buffer.from(`{"nested":${'['.repeat(50_000)}`)]),
  () => Buffer.of(),
];

/** Why a body is refused; undefined when it is good. By the reference, and by no code that the workers run. */
function codeOf({ documents }: Making, { payload }: Place, body: Buffer): Ending | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return documents.faultsOf(payload, value) === '' ? undefined : 'message.invalid';
  } catch {
    return 'message.not-json';
  }
}
