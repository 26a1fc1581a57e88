import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { TransientError } from '../../shared/actors/errors.js';
import { ActorHarness, message } from '../../test/support/actor-harness.js';
import { lines, ORDER_ID, placed, storedOrder } from '../../test/support/sample-order.js';
import { ReservationExpired, StockReleased, StockReservationFailed, StockReserved } from '../inventory/messages.js';
import { PaymentAuthorized, PaymentCaptured, PaymentVoided } from '../payment/messages.js';
import { CancelShipment, OrderShipped, ShipmentCancelled } from '../shipping/messages.js';
import { Deadlines } from './deadlines.js';
import {
  CancelOrder,
  EnforceConfirmationDeadline,
  EnforcePaymentDeadline,
  EnforceShippingDeadline,
  OrderCancelled,
  OrderConfirmed,
  OrderReady,
} from './messages.js';
import { FACTS } from './order.saga.js';
import { Orders } from './order.state.js';
import { OrdersActor } from './orders.actor.js';

const orderId = ORDER_ID;
const { storefrontId, customer, shippingAddress, total } = placed;
const authorized = { orderId, amount: total, authorizationId: 'auth_1' };

describe('orders', () => {
  /** As the process composes it, by the decorators' metadata. */
  const actor = () =>
    container
      .createChildContainer()
      .registerInstance<Deadlines>(Deadlines, { confirmedAfterMs: 30_000, shippedAfterMs: 90_000 })
      .resolve(OrdersActor);
  let orders: ActorHarness;
  beforeEach(() => {
    orders = new ActorHarness(actor()).given(Orders, orderId, storedOrder);
  });
  const statusOf = () => orders.valueOf(Orders, orderId)?.status;

  it('hear every message that the saga learns from, the customer, and the clock', () => {
    expect(orders.handles).to.have.members([
      ...FACTS.keys(),
      CancelOrder.name,
      ReservationExpired.name,
      EnforcePaymentDeadline.name,
      EnforceConfirmationDeadline.name,
      EnforceShippingDeadline.name,
    ]);
  });

  it('are confirmed when stock is reserved and payment authorized, and ready when it is captured', async () => {
    expect(await orders.when(StockReserved, { orderId, lines })).to.deep.equal([]);
    expect(await orders.when(PaymentAuthorized, authorized)).to.deep.equal([
      message(OrderConfirmed, { orderId, customer, lines: placed.lines, total }),
    ]);
    expect(statusOf()).to.equal('CONFIRMED');
    expect(await orders.when(PaymentCaptured, { orderId, amount: total })).to.deep.equal([
      message(OrderReady, { orderId, storefrontId, customer, shippingAddress, lines }),
    ]);
    expect(statusOf()).to.equal('PAID');
  });

  it('are cancelled with the reason when stock is short', async () => {
    const shortages = [{ sku: 'mug', requested: 2, available: 1 }];
    expect(await orders.when(StockReservationFailed, { orderId, shortages })).to.deep.equal([
      message(OrderCancelled, { orderId, storefrontId, reason: 'out-of-stock', customer, lines }),
    ]);
    expect(orders.valueOf(Orders, orderId)).to.deep.include({ status: 'CANCELLING', cancelReason: 'out-of-stock' });
  });

  it('are cancelled at once when the customer asks before the parcel is asked for', async () => {
    expect(await orders.when(CancelOrder, { orderId })).to.deep.equal([
      message(OrderCancelled, { orderId, storefrontId, reason: 'customer', customer, lines }),
    ]);
    await orders.when(PaymentVoided, { orderId });
    await orders.when(StockReleased, { orderId, lines });
    expect(statusOf()).to.equal('CANCELLED');
  });

  it('ask shipping when the customer cancels after it', async () => {
    orders.given(Orders, orderId, {
      ...storedOrder,
      status: 'PAID',
      stock: 'reserved',
      payment: 'captured',
      shipment: 'requested',
    });
    expect(await orders.when(CancelOrder, { orderId })).to.deep.equal([message(CancelShipment, { orderId })]);
    expect(await orders.when(CancelOrder, { orderId })).to.deep.equal([]);
    expect(statusOf()).to.equal('PAID');
  });

  it('are cancelled when the payment deadline finds them unpaid', async () => {
    await orders.when(StockReserved, { orderId, lines });
    expect(await orders.when(EnforcePaymentDeadline, { orderId })).to.deep.equal([
      message(OrderCancelled, { orderId, storefrontId, reason: 'payment-overdue', customer, lines }),
    ]);
    expect(orders.timers).to.deep.equal([]);
  });

  it('have until the confirmation deadline when only their stock is awaited', async () => {
    await orders.when(PaymentAuthorized, authorized);
    expect(await orders.when(EnforcePaymentDeadline, { orderId })).to.deep.equal([]);
    expect(orders.timers).to.deep.equal([{ ...message(EnforceConfirmationDeadline, { orderId }), afterMs: 30_000 }]);
    expect(await orders.when(EnforceConfirmationDeadline, { orderId })).to.deep.equal([
      message(OrderCancelled, { orderId, storefrontId, reason: 'confirmation-overdue', customer, lines }),
    ]);
  });

  it('are given up when their stock was set aside for too long, unless they are confirmed', async () => {
    await orders.when(StockReserved, { orderId, lines });
    expect(await orders.when(ReservationExpired, { orderId })).to.deep.equal([
      message(OrderCancelled, { orderId, storefrontId, reason: 'reservation-expired', customer, lines }),
    ]);
    orders.given(Orders, orderId, { ...storedOrder, status: 'CONFIRMED', stock: 'reserved', payment: 'authorized' });
    expect(await orders.when(ReservationExpired, { orderId })).to.deep.equal([]);
  });

  it('have one deadline on the clock at a time, and none once they are shipped', async () => {
    orders.setTimer(message(EnforcePaymentDeadline, { orderId }));
    await orders.when(StockReserved, { orderId, lines });
    await orders.when(PaymentAuthorized, authorized);
    const shipping = { ...message(EnforceShippingDeadline, { orderId }), afterMs: 90_000 };
    expect(orders.timers).to.deep.equal([shipping]);
    await orders.when(PaymentCaptured, { orderId, amount: total });
    expect(orders.timers).to.deep.equal([shipping]);
    await orders.when(OrderShipped, { orderId, customer, carrier: 'Parcel', trackingNumber: 'P1', lines });
    expect(orders.timers).to.deep.equal([]);
    expect(await orders.when(EnforceShippingDeadline, { orderId })).to.deep.equal([]);
    expect(statusOf()).to.equal('SHIPPED');
  });

  it('are cancelled through shipping when the shipping deadline finds the parcel asked for', async () => {
    for (const told of [StockReserved, PaymentAuthorized, PaymentCaptured]) {
      const payload = { [StockReserved.name]: { orderId, lines }, [PaymentAuthorized.name]: authorized };
      await orders.handle({ type: told.name, payload: payload[told.name] ?? { orderId, amount: total } });
    }
    expect(await orders.when(EnforceShippingDeadline, { orderId })).to.deep.equal([
      message(CancelShipment, { orderId }),
    ]);
    expect(await orders.when(ShipmentCancelled, { orderId })).to.deep.equal([
      message(OrderCancelled, { orderId, storefrontId, reason: 'shipment-overdue', customer, lines }),
    ]);
  });

  it('wait a bounded time for an order that nobody has stored', async () => {
    const unknown = new ActorHarness(actor());
    const error = await unknown.when(CancelOrder, { orderId }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'order.unknown', maxAttempts: 6 });
  });
});
