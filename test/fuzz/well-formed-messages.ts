/**
 * Messages that nothing is wrong with but what they are about: orders that nobody knows, orders that are long over, and what was
 * said before. None is a lie that could be believed: those are kept out by the broker's permissions.
 */
import fc from 'fast-check';
import { HEADER } from '../../shared/messaging/wire.js';
import { UUID } from './hostile-headers.js';
import {
  bodyOf,
  type Ending,
  type Hostile,
  type Making,
  nth,
  shippedOf,
  type Types,
  withHeaders,
} from './hostile-message.js';

export function unknownOrder(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ place: making.place(KNOW_THEIR_ORDERS), id: ODD_ID, orderId: UUID, attempt: LAST_ATTEMPT }).map(
    ({ place, id, orderId, attempt }): Hostile =>
      () => ({
        ...withHeaders(making.good(place, orderId, id), { [HEADER.attempt]: attempt }),
        what: 'unknown order',
        ends: [UNKNOWN_ORDER[`${place.actor} ${place.type}`] ?? 'order.unknown'],
      }),
  );
}

/** What was said of an order that was shipped, as another message, and in the name of another storefront. */
export function toldAgain(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ place: making.place(HARMLESS_WHEN_SHIPPED), id: ODD_ID, pick: fc.nat(), storefrontId: UUID }).map(
    ({ place, id, pick, storefrontId }): Hostile =>
      (scene) => {
        const { orderId, messages } = shippedOf(scene, pick);
        const real = messages.find(({ type }) => type === place.type);
        const body = real === undefined ? bodyOf(place, orderId) : JSON.parse(real.body);
        const claimed = 'storefrontId' in body ? { ...body, storefrontId } : body;
        // One that nothing can be done with may stand ahead of it.
        const ends = ['handled', 'order.waits'];
        return { ...making.good(place, orderId, id, claimed), what: 'shipped order', ends };
      },
  );
}

/** A message that was handled, once more or several times. */
export function repetition(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ ...said, times: fc.integer({ min: 1, max: 5 }) }).map(
    ({ times, ...which }): Hostile =>
      (scene) => {
        const { real, good } = realOf(making, scene, which);
        return { ...good, content: Buffer.from(real.body), times, what: 'repetition', ends: ['ignored'] };
      },
  );
}

/** Another message under the id of one that was handled. */
export function otherUnderItsId(making: Making): fc.Arbitrary<Hostile> {
  return fc.record({ ...said, more: fc.constantFrom(...INCOMPARABLE) }).map(
    ({ more, ...which }): Hostile =>
      (scene) => {
        const { good } = realOf(making, scene, which);
        const content = Buffer.from(`${good.content.toString().slice(0, -1)}${more}}`);
        return { ...good, content, what: 'id of another', ends: ['message.id-reused'] };
      },
  );
}

/** Of which PostgreSQL could not make a value to compare with; or nothing more. */
const INCOMPARABLE = ['', ',"more":1e400000', `,"more":${'['.repeat(50_000)}${']'.repeat(50_000)}`];

const said = { pick: fc.nat(), which: fc.nat(), to: fc.nat() };

function realOf(making: Making, scene: Parameters<Hostile>[0], { pick, which, to }: Record<keyof typeof said, number>) {
  const { orderId, messages } = shippedOf(scene, pick);
  const heard = messages.filter(({ type }) => making.places.some((place) => place.type === type));
  const real = nth(heard, which);
  const listeners = making.places.filter(({ type }) => type === real.type);
  return { real, good: making.good(nth(listeners, to), orderId, real.id, JSON.parse(real.body)) };
}

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
const KNOW_THEIR_ORDERS: Types = {
  orders: 'all',
  payment: 'all',
  inventory: 'all',
  email: 'all',
  shipping: 'all',
  webhooks: 'all',
};
/** What else than `order.unknown` comes of it: of what there is nothing of, nothing is taken back. */
const UNKNOWN_ORDER: Readonly<Record<string, Ending>> = {
  'inventory shipping.order-shipped': 'reservation.unknown',
  'inventory inventory.expire-reservation': 'handled',
  'inventory inventory.settle-reservation': 'handled',
  'shipping shipping.take-parcel-back': 'handled',
};

/** What has nothing left to do for an order that was shipped. */
const HARMLESS_WHEN_SHIPPED: Types = {
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
