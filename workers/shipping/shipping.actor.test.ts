import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { TransientError } from '../../shared/actors/errors.js';
import { ActorHarness, message } from '../../test/support/actor-harness.js';
import { lines, ORDER_ID, placed } from '../../test/support/sample-order.js';
import { failureOf } from '../../test/support/scripted-http.js';
import { OrderReady } from '../orders/messages.js';
import { Carrier } from './carrier.js';
import { CancelShipment, OrderShipped, ShipmentCancelled, ShipmentRefused, TakeParcelBack } from './messages.js';
import { Shipments } from './shipment.state.js';
import { ShippingActor } from './shipping.actor.js';

const orderId = ORDER_ID;
const { storefrontId, customer, shippingAddress } = placed;
const ready: OrderReady = { orderId, storefrontId, customer, shippingAddress, lines };

describe('shipping', () => {
  let asked: string[];
  let answer: () => ReturnType<Carrier['ship']>;
  let takenBack: () => Promise<void>;
  let shipping: ActorHarness;
  beforeEach(() => {
    asked = [];
    takenBack = async () => undefined;
    answer = async () => ({ kind: 'shipped', carrier: 'Parcel & Co', trackingNumber: 'P1' });
    const carrier: Carrier = {
      ship: (parcel, { idempotencyKey }) => {
        asked.push(`ship ${idempotencyKey.replace(orderId, 'order')} to ${parcel.address.city}`);
        return answer();
      },
      cancel: (_orderId, { idempotencyKey }) => {
        asked.push(`cancel ${idempotencyKey.replace(orderId, 'order')}`);
        return takenBack();
      },
    };
    const scope = container.createChildContainer().registerInstance<Carrier>(Carrier, carrier);
    shipping = new ActorHarness(scope.resolve(ShippingActor));
  });

  it('ships an order that is ready, once', async () => {
    expect(await shipping.when(OrderReady, ready)).to.deep.equal([
      message(OrderShipped, { orderId, storefrontId, customer, carrier: 'Parcel & Co', trackingNumber: 'P1', lines }),
    ]);
    expect(await shipping.when(OrderReady, ready)).to.deep.equal([]);
    expect(asked).to.deep.equal(['ship order:ship to London']);
    expect(shipping.valueOf(Shipments, orderId)).to.include({ status: 'shipped', trackingNumber: 'P1' });
  });

  it('says why the carrier refused', async () => {
    answer = async () => ({ kind: 'refused', reason: 'nobody lives there' });
    expect(await shipping.when(OrderReady, ready)).to.deep.equal([
      message(ShipmentRefused, { orderId, reason: 'nobody lives there' }),
    ]);
  });

  it('does not ship what is to be cancelled, and takes back what a late attempt may have shipped', async () => {
    expect(await shipping.when(CancelShipment, { orderId })).to.deep.equal([message(TakeParcelBack, { orderId })]);
    expect(await shipping.when(OrderReady, ready)).to.deep.equal([]);
    await shipping.when(TakeParcelBack, { orderId });
    expect(await shipping.when(OrderReady, ready)).to.deep.equal([]);
    expect(asked).to.deep.equal(['cancel order:ship:undone', 'cancel order:takeBack', 'cancel order:ship:undone']);
  });

  it('says that a shipment is cancelled when the carrier has nothing of it, not before, and once', async () => {
    await shipping.when(CancelShipment, { orderId });
    takenBack = () => Promise.reject(new TransientError('carrier.unavailable', 'no answer'));
    expect(await failureOf(shipping.when(TakeParcelBack, { orderId }))).to.be.instanceOf(TransientError);
    expect(shipping.valueOf(Shipments, orderId)).to.include({ status: 'cancelling' });
    takenBack = async () => undefined;
    expect(await shipping.when(TakeParcelBack, { orderId })).to.deep.equal([message(ShipmentCancelled, { orderId })]);
    expect(shipping.valueOf(Shipments, orderId)).to.include({ status: 'cancelled' });
    expect(await shipping.when(TakeParcelBack, { orderId })).to.deep.equal([]);
    expect(asked).to.deep.equal(['cancel order:takeBack', 'cancel order:takeBack']);
  });

  it('lets a cancellation win that comes while the carrier is asked', async () => {
    const underWay = await shipping.perform(message(OrderReady, ready));
    await shipping.when(CancelShipment, { orderId });
    expect(underWay.commit()).to.equal(undefined);
    expect(await shipping.when(OrderReady, ready)).to.deep.equal([]);
    expect(asked).to.deep.equal(['ship order:ship to London', 'cancel order:ship:undone']);
  });

  it('does not answer a cancellation that comes when the shipment is decided', async () => {
    for (const decision of [answer, async () => ({ kind: 'refused', reason: 'nobody lives there' }) as const]) {
      answer = decision;
      await shipping.when(OrderReady, ready);
      expect(await shipping.when(CancelShipment, { orderId })).to.deep.equal([]);
    }
  });
});
