import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { TransientError } from '../../shared/actors/errors.js';
import { ActorHarness, message } from '../../test/support/actor-harness.js';
import { lines, ORDER_ID, placed, storedOrder } from '../../test/support/sample-order.js';
import { StockReleased, StockReservationFailed, StockReserved } from '../inventory/messages.js';
import { PaymentAuthorized, PaymentCaptured, PaymentVoided } from '../payment/messages.js';
import { CancelShipment } from '../shipping/messages.js';
import { CancelOrder, OrderCancelled, OrderConfirmed, OrderReady } from './messages.js';
import { FACTS } from './order.saga.js';
import { Orders } from './order.state.js';
import { OrdersActor } from './orders.actor.js';

const orderId = ORDER_ID;
const { customer, shippingAddress, total } = placed;
const authorized = { orderId, amount: total, authorizationId: 'auth_1' };

describe('orders', () => {
  let orders: ActorHarness;
  beforeEach(() => {
    orders = new ActorHarness(container.resolve(OrdersActor)).given(Orders, orderId, storedOrder);
  });
  const statusOf = () => orders.valueOf(Orders, orderId)?.status;

  it('hear every message that the saga learns from, and the customer', () => {
    expect(orders.handles).to.have.members([...FACTS.keys(), CancelOrder.name]);
  });

  it('are confirmed when stock is reserved and payment authorized, and ready when it is captured', async () => {
    expect(await orders.when(StockReserved, { orderId, lines })).to.deep.equal([]);
    expect(await orders.when(PaymentAuthorized, authorized)).to.deep.equal([
      message(OrderConfirmed, { orderId, customer, lines: placed.lines, total }),
    ]);
    expect(statusOf()).to.equal('CONFIRMED');
    expect(await orders.when(PaymentCaptured, { orderId, amount: total })).to.deep.equal([
      message(OrderReady, { orderId, customer, shippingAddress, lines }),
    ]);
    expect(statusOf()).to.equal('PAID');
  });

  it('are cancelled with the reason when stock is short', async () => {
    const shortages = [{ sku: 'mug', requested: 2, available: 1 }];
    expect(await orders.when(StockReservationFailed, { orderId, shortages })).to.deep.equal([
      message(OrderCancelled, { orderId, reason: 'out-of-stock', customer, lines }),
    ]);
    expect(orders.valueOf(Orders, orderId)).to.deep.include({ status: 'CANCELLING', cancelReason: 'out-of-stock' });
  });

  it('are cancelled at once when the customer asks before the parcel is asked for', async () => {
    expect(await orders.when(CancelOrder, { orderId })).to.deep.equal([
      message(OrderCancelled, { orderId, reason: 'customer', customer, lines }),
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

  it('wait a bounded time for an order that nobody has stored', async () => {
    const unknown = new ActorHarness(new OrdersActor());
    const error = await unknown.when(CancelOrder, { orderId }).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'order.unknown', maxAttempts: 6 });
  });
});
