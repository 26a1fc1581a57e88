import 'reflect-metadata';
import { expect } from 'chai';
import { definitionOf } from '../shared/actors/definition.js';
import { StockReleased, StockReservationFailed, StockReserved } from '../workers/inventory/messages.js';
import {
  CancelOrder,
  EnforceShippingDeadline,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderReady,
} from '../workers/orders/messages.js';
import type { Progress } from '../workers/orders/order.saga.js';
import { OrdersActor } from '../workers/orders/orders.actor.js';
import { PaymentAuthorized, PaymentCaptured, PaymentDeclined, PaymentVoided } from '../workers/payment/messages.js';
import { CancelShipment, OrderShipped } from '../workers/shipping/messages.js';
import type { Logged } from './dossier.js';
import { faultOfHistory, HEARD } from './saga-history.js';

/** A log in which the saga heard whatever was for it. The key is the id, and the value type and cause. */
function log(messages: Readonly<Record<string, readonly [{ readonly name: string }, string | null]>>): Logged[] {
  return Object.entries(messages).map(([id, [{ name: type }, causationId]]) => {
    // Commands are told to their owner; all of these are the saga's own.
    const owner = type === CancelShipment.name ? 'orders' : type.slice(0, type.indexOf('.'));
    const producer = causationId === null ? 'web' : owner;
    return { id, type, causationId, producer, handledBy: HEARD.has(type) ? ['orders'] : [], setAsideBy: [] };
  });
}

const HAPPY = {
  placed: [OrderPlaced, null],
  reserved: [StockReserved, 'placed'],
  authorized: [PaymentAuthorized, 'placed'],
  confirmed: [OrderConfirmed, 'authorized'],
  captured: [PaymentCaptured, 'confirmed'],
  ready: [OrderReady, 'captured'],
  shipped: [OrderShipped, 'ready'],
} as const;
const SHIPPED: Progress = {
  status: 'SHIPPED',
  stock: 'reserved',
  payment: 'captured',
  shipment: 'shipped',
  cancelReason: null,
};
const DECLINED: Progress = {
  status: 'CANCELLED',
  stock: 'released',
  payment: 'declined',
  shipment: 'none',
  cancelReason: 'payment-declined',
};

describe('the history of an order', () => {
  it('is legal when the saga can have made it', () => {
    expect(faultOfHistory({ edited: [], messages: log(HAPPY), progress: SHIPPED })).to.equal(undefined);
  });

  it('is legal in whatever order the ids stand: clocks may disagree', () => {
    const messages = log(HAPPY);
    expect(faultOfHistory({ edited: [], messages: messages.toReversed(), progress: SHIPPED })).to.equal(undefined);
    const other = log({ ...HAPPY, confirmed: [OrderConfirmed, 'reserved'] });
    expect(faultOfHistory({ edited: [], messages: other, progress: SHIPPED })).to.equal(undefined);
  });

  it('tells by the causes which of two reasons came first', () => {
    const both = (cause: string) =>
      log({
        placed: [OrderPlaced, null],
        failed: [StockReservationFailed, 'placed'],
        declined: [PaymentDeclined, 'placed'],
        cancelled: [OrderCancelled, cause],
      });
    const progress: Progress = { ...DECLINED, stock: 'failed' };
    expect(faultOfHistory({ edited: [], messages: both('declined'), progress })).to.equal(undefined);
    expect(faultOfHistory({ edited: [], messages: both('failed'), progress })).to.include('out-of-stock');
  });

  it('is legal when the customer cancelled before anybody answered', () => {
    const messages = log({
      placed: [OrderPlaced, null],
      wish: [CancelOrder, null],
      cancelled: [OrderCancelled, 'wish'],
      reserved: [StockReserved, 'placed'],
      released: [StockReleased, 'cancelled'],
      voided: [PaymentVoided, 'cancelled'],
    });
    const progress: Progress = {
      status: 'CANCELLED',
      stock: 'released',
      payment: 'voided',
      shipment: 'none',
      cancelReason: 'customer',
    };
    expect(faultOfHistory({ edited: [], messages, progress })).to.equal(undefined);
  });

  it('is legal when a deadline passed in time, and when it was missed and the parcel could not be stopped', () => {
    const inTime = log({ ...HAPPY, late: [EnforceShippingDeadline, 'authorized'] });
    const missed = log({ ...HAPPY, late: [EnforceShippingDeadline, 'authorized'], stop: [CancelShipment, 'late'] });
    for (const messages of [inTime, missed]) {
      expect(faultOfHistory({ edited: [], messages, progress: SHIPPED })).to.equal(undefined);
      expect(faultOfHistory({ edited: [], messages: messages.toReversed(), progress: SHIPPED })).to.equal(undefined);
    }
  });

  it('is legal with a message that was set aside, and with one that was edited in its place', () => {
    const setAside = log(HAPPY).map((one) => (one.id === 'shipped' ? { ...one, setAsideBy: ['orders'] } : one));
    const paid: Progress = { ...SHIPPED, status: 'PAID', shipment: 'requested' };
    expect(faultOfHistory({ edited: [], messages: setAside, progress: paid })).to.equal(undefined);
    expect(faultOfHistory({ edited: [], messages: setAside, progress: SHIPPED })).to.equal(undefined);
    expect(faultOfHistory({ edited: [], messages: log(HAPPY), progress: paid })).to.be.a('string');

    const replaced = log({ ...HAPPY, confirmed: [OrderConfirmed, 'edited'] });
    const messages = replaced.map((one) => (one.id === 'authorized' ? { ...one, setAsideBy: ['orders'] } : one));
    const edited = log({ edited: [PaymentAuthorized, 'authorized'] });
    expect(faultOfHistory({ edited, messages, progress: SHIPPED })).to.equal(undefined);
    expect(faultOfHistory({ edited: [], messages, progress: SHIPPED })).to.be.a('string');
  });

  it('knows every message that the saga handles', () => {
    const handled = definitionOf(OrdersActor)?.handlers.keys() ?? [];
    expect([...HEARD.keys()]).to.have.members([...handled]);
  });

  it('is at fault when the order stands elsewhere than its log leads', () => {
    const fault = faultOfHistory({ edited: [], messages: log(HAPPY), progress: { ...SHIPPED, status: 'PAID' } });
    expect(fault).to.match(/^its log leads to SHIPPED .* and it is stored as PAID/);
  });

  it('is at fault when a step was taken twice, without its cause, or not at all', () => {
    const { confirmed: _, ...unconfirmed } = HAPPY;
    const logs = [
      { ...HAPPY, again: [OrderReady, 'shipped'] as const },
      { ...HAPPY, ready: [OrderReady, 'reserved'] as const },
      { ...HAPPY, ready: [OrderReady, 'nobody'] as const },
      unconfirmed,
    ];
    for (const messages of logs) {
      expect(faultOfHistory({ edited: [], messages: log(messages), progress: SHIPPED })).to.include(
        'does not follow from what it heard',
      );
    }
  });
});
