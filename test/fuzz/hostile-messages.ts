/**
 * Messages that nobody of good will sends, made of what the contracts say is right, and what must become of each. None of them is
 * a lie that a publisher could be believed: those are kept out by the broker's permissions.
 */
import fc from 'fast-check';
import type { Listener } from '../../audit/evidence.js';
import { HEADER } from '../../shared/messaging/wire.js';
import { DEAD_LETTERS, RETRY_RUNGS, toActor } from '../../shared/rabbitmq/topology.js';
import type { Documents } from '../support/reference/documents.js';
import { NO_ID, NO_VERSION, ODD_PROPERTIES, oddHeaders, UNKNOWN_TYPE, UUID } from './hostile-headers.js';
import { payloadLike, type Schema } from './payload-like.js';
import { bodyLike } from './spoilt.js';

/** As amqplib takes it. */
export interface HostileMessage {
  /** Its kind, by which it is counted. */
  readonly what: string;
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  readonly properties: {
    readonly messageId?: string;
    readonly correlationId?: string;
    readonly [name: string]: unknown;
  };
  /** Where it arrives; at no actor when the exchange has no queue for it. */
  readonly actors: readonly string[];
  /** What may become of it there. */
  readonly ends: readonly Ending[];
  /** Times that it is sent. */
  readonly times: number;
}

/** `handled` is in the inbox; `ignored` leaves nothing; anything else is the code of a dead letter. */
export type Ending = 'handled' | 'ignored' | (string & {});

/** A message that was really sent, and handled. */
export interface RealMessage {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly body: string;
}

/** What there is to be named. */
export interface Scene {
  /** Orders that were shipped, with all that was said of them. */
  readonly shipped: readonly { readonly orderId: string; readonly messages: readonly RealMessage[] }[];
  /** Orders that may be on their way. */
  readonly underWay: readonly string[];
}

/** Made when it is sent, of what is there by then. */
export type Hostile = (scene: Scene) => HostileMessage;

export interface Contracts {
  readonly documents: Documents;
  readonly listeners: readonly Listener[];
}

/** @param canary stands in bodies and headers, and must come to no log */
export function hostileMessages({ documents, listeners }: Contracts, canary: string): fc.Arbitrary<Hostile> {
  const { messages } = documents.asyncapi.components;
  const known = new Map(
    Object.entries(messages).map(([name, { payload }]): [string, Known] => {
      const [, type = '', version = '1'] = /^(.*)\.v(\d+)$/.exec(name) ?? [];
      return [type, { type, version: Number(version), payload }];
    }),
  );
  const places: readonly Place[] = listeners.flatMap(({ actor, types }) =>
    types.flatMap((type) => {
      const contract = known.get(type);
      return contract === undefined ? [] : [{ actor, ...contract }];
    }),
  );
  const at = fc.constantFrom(...places);
  const placesOf = (types: Readonly<Record<string, readonly string[] | 'all'>>) =>
    fc.constantFrom(
      ...places.filter(({ actor, type }) => types[actor] === 'all' || types[actor]?.includes(type) === true),
    );

  /** A good one, which is then spoilt. */
  const good = (place: Place, orderId: string, body = bodyOf(place, orderId)): Good => ({
    ...place,
    orderId,
    body: { ...body, note: canary },
  });

  const spoiltBody = at.chain((place) =>
    fc.record({ id: UUID, pick: fc.nat(), of: WHOSE, body: bodyLike(good(place, SOME_ORDER).body) }).map(
      ({ id, pick, of, body: spoilt }): Hostile =>
        (scene) => {
          // What is repeated often enough would only measure how busy the machine is.
          const body = spoilt.subarray(0, BYTES_AT_MOST);
          const code = codeOf(documents, place, body);
          // It may have stayed good: a brace too many makes every object something else.
          const content = code === undefined ? Buffer.concat([body, Buffer.from('}')]) : body;
          const orderId = orderOf(scene, of, pick, id);
          return { ...sent(good(place, orderId), id), content, what: 'body', ends: [code ?? 'message.not-json'] };
        },
    ),
  );

  const wrongBytes = fc
    .record({ place: at, id: UUID, pick: fc.nat(), of: WHOSE, write: fc.constantFrom(...WRONG_BYTES) })
    .map(
      ({ place, id, pick, of, write }): Hostile =>
        (scene) => {
          const message = sent(good(place, orderOf(scene, of, pick, id)), id);
          return { ...message, content: write(message.content), what: 'bytes', ends: ['message.not-json'] };
        },
    );

  const wrongProperty = fc
    .record({ place: at, id: UUID, pick: fc.nat(), of: WHOSE, wrong: fc.oneof(NO_ID, UNKNOWN_TYPE, NO_VERSION) })
    .map(
      ({ place, id, pick, of, wrong }): Hostile =>
        (scene) => {
          const message = sent(good(place, orderOf(scene, of, pick, id)), id);
          const { headers, ...properties } = { ...message.properties, ...wrong.properties };
          const all = { ...properties, headers: { ...(headers as object), ...wrong.headers } };
          return { ...message, properties: all, what: wrong.what, ends: [wrong.code] };
        },
    );

  const otherOrder = fc
    .record({ place: at, id: UUID, other: UUID, pick: fc.nat(), of: WHOSE, inBody: fc.boolean() })
    .map(
      ({ place, id, other, pick, of, inBody }): Hostile =>
        (scene) => {
          const orderId = orderOf(scene, of, pick, id);
          const message = sent(good(place, inBody ? other : orderId), id);
          const properties = { ...message.properties, correlationId: inBody ? orderId : other };
          return { ...message, properties, what: 'two orders', ends: ['message.invalid'] };
        },
    );

  const unknownOrder = placesOf(KNOW_THEIR_ORDERS)
    .chain((place) => fc.record({ place: fc.constant(place), id: ODD_ID, orderId: UUID, attempt: LAST_ATTEMPT }))
    .map(
      ({ place, id, orderId, attempt }): Hostile =>
        () => {
          const message = sent(good(place, orderId), id, { [HEADER.attempt]: attempt });
          return { ...message, what: 'unknown order', ends: UNKNOWN_ORDER[place.actor] ?? ['order.unknown'] };
        },
    );

  const toldAgain = placesOf(HARMLESS_WHEN_SHIPPED)
    .chain((place) => fc.record({ place: fc.constant(place), id: ODD_ID, pick: fc.nat(), storefrontId: UUID }))
    .map(
      ({ place, id, pick, storefrontId }): Hostile =>
        (scene) => {
          const { orderId, messages: said } = shippedOf(scene, pick);
          const real = said.find(({ type }) => type === place.type);
          const body = real === undefined ? bodyOf(place, orderId) : JSON.parse(real.body);
          const message = sent(good(place, orderId, { ...body, ...('storefrontId' in body && { storefrontId }) }), id);
          // One that nothing can be done with may stand ahead of it.
          return { ...message, what: 'shipped order', ends: ['handled', 'order.waits'] };
        },
    );

  const realAgain = fc
    .record({
      pick: fc.nat(),
      which: fc.nat(),
      times: fc.integer({ min: 1, max: 5 }),
      other: fc.boolean(),
      to: fc.nat(),
    })
    .map(
      ({ pick, which, times, other, to }): Hostile =>
        (scene) => {
          const { orderId, messages: said } = shippedOf(scene, pick);
          const heard = said.filter(({ type }) => places.some((place) => place.type === type));
          const real = nth(heard, which);
          const place = nth(
            places.filter(({ type }) => type === real.type),
            to,
          );
          const body = other ? { ...JSON.parse(real.body), note: canary } : undefined;
          const message = sent({ ...place, orderId, body: {} }, real.id);
          const content = Buffer.from(body === undefined ? real.body : JSON.stringify(body));
          return other
            ? { ...message, content, what: 'id of another', ends: ['message.id-reused'] }
            : { ...message, content, times, what: 'repetition', ends: ['ignored'] };
        },
    );

  const byExchange = fc.tuple(spoiltBody, fc.nat(9)).map(
    ([hostile, how]): Hostile =>
      (scene) => {
        const message = hostile(scene);
        const type = String(message.properties['type']);
        const exchange = type.slice(0, type.indexOf('.'));
        const unheard = how === 0;
        const all = listeners.filter(({ types }) => types.includes(type)).map(({ actor }) => actor);
        return {
          ...message,
          exchange,
          routingKey: unheard ? `${exchange}.nothing` : type,
          actors: unheard ? [] : all,
          what: unheard ? 'no queue' : 'by exchange',
        };
      },
  );

  const byRung = fc.tuple(spoiltBody, fc.nat(9)).map(
    ([hostile, how]): Hostile =>
      (scene) => {
        const message = hostile(scene);
        const rung = { ...message, exchange: RETRY_RUNGS[0].name, what: 'by the ladder' };
        // To a queue that is none it would never get, and be in the way of all others.
        if (how < 5) return { ...rung, routingKey: 'nowhere', actors: [] };
        return { ...rung, routingKey: message.actors[0] ?? '' };
      },
  );

  const shortLived = spoiltBody.map(
    (hostile): Hostile =>
      (scene) => {
        const message = hostile(scene);
        const properties = { ...message.properties, expiration: '0' };
        return { ...message, properties, what: 'short-lived', ends: [...message.ends, 'broker.expired'] };
      },
  );

  const asDeadLetter = fc
    .tuple(spoiltBody, fc.record({ code: fc.constantFrom(...ODD_CODES), actor: fc.constantFrom(...ODD_ACTORS) }))
    .map(
      ([hostile, { code, actor }]): Hostile =>
        (scene) => {
          const message = hostile(scene);
          const { headers, ...properties } = message.properties;
          const said = { ...(headers as object), ...(code === undefined ? {} : { [HEADER.errorCode]: code }) };
          return {
            ...message,
            exchange: DEAD_LETTERS,
            routingKey: actor,
            properties: { ...properties, headers: said },
            actors: [actor],
            what: 'dead letter',
            // PostgreSQL holds no NUL.
            ends: [
              typeof code === 'string' && code !== '' ? code.replace('\u0000', '\u2400') : 'broker.delivery-limit',
            ],
          };
        },
    );

  const huge = fc
    .record({ place: at, id: UUID, orderId: UUID, size: fc.integer({ min: 500_000, max: 3_000_000 }) })
    .map(
      ({ place, id, orderId, size }): Hostile =>
        () => {
          const message = sent(good(place, orderId, { lines: [], filling: 'x'.repeat(size) }), id);
          return { ...message, what: 'huge', ends: ['message.invalid'] };
        },
    );

  return fc
    .tuple(
      fc.oneof(
        { weight: 120, arbitrary: spoiltBody },
        { weight: 30, arbitrary: wrongBytes },
        { weight: 80, arbitrary: wrongProperty },
        { weight: 30, arbitrary: otherOrder },
        { weight: 50, arbitrary: unknownOrder },
        { weight: 50, arbitrary: toldAgain },
        { weight: 60, arbitrary: realAgain },
        { weight: 30, arbitrary: byExchange },
        { weight: 10, arbitrary: byRung },
        { weight: 10, arbitrary: shortLived },
        { weight: 20, arbitrary: asDeadLetter },
        { weight: 2, arbitrary: huge },
      ),
      fc.option(fc.tuple(oddHeaders(canary), ODD_PROPERTIES), { nil: undefined, freq: 2 }),
    )
    .map(([hostile, odd]) => (odd === undefined ? hostile : withOddities(hostile, ...odd)));
}

interface Known {
  readonly type: string;
  /** The newest. */
  readonly version: number;
  /** Its JSON schema. */
  readonly payload: Schema;
}

interface Place extends Known {
  readonly actor: string;
}

interface Good extends Place {
  readonly orderId: string;
  readonly body: object;
}

/** Stands in a body that is going to be spoilt. */
const SOME_ORDER = '01938f00-0000-7000-8000-000000000001';
const BYTES_AT_MOST = 4 * 1024 * 1024;
/** Of those under way, of those shipped, and of nobody. */
const WHOSE = fc.constantFrom('under way', 'shipped', 'nobody');

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

/** The last that there is: what may yet come true climbs the ladder for a quarter of an hour otherwise. */
const LAST_ATTEMPT = fc.constantFrom(6, 7, 1000, 2 ** 31 - 1, 2 ** 40);

/** Of all versions, and of times when there was no Warren and when there will be none. */
const ODD_ID = fc.oneof(
  { weight: 6, arbitrary: UUID },
  ...['00000000-0000-0000-0000', 'ffffffff-ffff-ffff-ffff', '01938f00-0000-7000-8000', 'f0000000-0000-7000-8000'].map(
    (front) => ({ weight: 1, arbitrary: UUID.map((id) => `${front}-${id.slice(24)}`) }),
  ),
);

/** Who asks for the order that a message is about, before anything is done. */
const KNOW_THEIR_ORDERS: Readonly<Record<string, readonly string[] | 'all'>> = {
  orders: 'all',
  payment: 'all',
  inventory: ['shipping.order-shipped', 'inventory.expire-reservation'],
  email: 'all',
  shipping: ['orders.order-ready', 'shipping.take-parcel-back'],
};
const UNKNOWN_ORDER: Readonly<Record<string, readonly Ending[]>> = {
  inventory: ['reservation.unknown', 'handled'],
  // Nobody has the key of its persons.
  email: ['person.erased'],
  shipping: ['person.erased', 'handled'],
};

/** What has nothing left to do for an order that was shipped. */
const HARMLESS_WHEN_SHIPPED: Readonly<Record<string, readonly string[] | 'all'>> = {
  inventory: 'all',
  payment: ['orders.order-placed', 'orders.order-confirmed'],
  orders: [
    'orders.cancel-order',
    'orders.enforce-confirmation-deadline',
    'orders.enforce-payment-deadline',
    'orders.enforce-shipping-deadline',
    'inventory.reservation-expired',
    'inventory.stock-reserved',
    'payment.payment-authorized',
    'payment.payment-captured',
    'shipping.order-shipped',
  ],
  shipping: 'all',
  email: ['orders.order-confirmed', 'shipping.order-shipped'],
  webhooks: 'all',
};

const ODD_CODES: readonly unknown[] = [
  undefined,
  '',
  'message.made-up',
  '\u0000',
  'x'.repeat(5000),
  1,
  null,
  ['a'],
  {},
];
const ODD_ACTORS = ['inventory', 'nobody', '__proto__', '*', '#', 'x'.repeat(255)];

const bodyOf = ({ payload }: Known, orderId: string) => payloadLike(payload, [orderId, 'GBP', 'GB']) as object;

/** To its actor's queue, by the exchange of that actor, as a redrive is. */
function sent({ actor, type, version, orderId, body }: Good, id: string, headers: object = {}): HostileMessage {
  return {
    what: '',
    ...toActor(actor),
    content: Buffer.from(JSON.stringify(body)),
    properties: {
      messageId: id,
      correlationId: orderId,
      type,
      contentType: 'application/json',
      headers: { [HEADER.schemaVersion]: version, ...headers },
    },
    actors: [actor],
    ends: [],
    times: 1,
  };
}

/** Says more than it has to; what it has to say stays as it is. */
const withOddities =
  (hostile: Hostile, headers: object, properties: object): Hostile =>
  (scene) => {
    const message = hostile(scene);
    const own = message.properties['headers'] as object;
    return { ...message, properties: { ...properties, ...message.properties, headers: { ...headers, ...own } } };
  };

/** Why a body is refused; undefined when it is good. By the reference, and by no code that the workers run. */
function codeOf({ faultsOf }: Documents, { payload }: Known, body: Buffer): Ending | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return faultsOf(payload, value) === '' ? undefined : 'message.invalid';
  } catch {
    return 'message.not-json';
  }
}

function orderOf(scene: Scene, of: 'under way' | 'shipped' | 'nobody' | string, pick: number, nobodys: string): string {
  if (of === 'shipped') return shippedOf(scene, pick).orderId;
  return of === 'under way' ? nth(scene.underWay, pick) : nobodys;
}

const shippedOf = ({ shipped }: Scene, pick: number) => nth(shipped, pick);

function nth<T>(list: readonly T[], at: number): T {
  const one = list[at % list.length];
  if (one === undefined) throw new RangeError('there is nothing to choose from');
  return one;
}
