import 'reflect-metadata';
import { expect } from 'chai';
import { container } from 'tsyringe';
import { TransientError } from '../../shared/actors/errors.js';
import { ActorHarness, message } from '../../test/support/actor-harness.js';
import { lines, ORDER_ID, placed } from '../../test/support/sample-order.js';
import { OrderCancelled, OrderPlaced } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';
import { InventoryActor } from './inventory.actor.js';
import {
  ExpireReservation,
  ReservationExpired,
  StockReleased,
  StockReservationFailed,
  StockReserved,
} from './messages.js';
import { ReservationLimit } from './reservation-limit.js';
import { Reservations, StockLevels, StockMovements } from './stock.state.js';

const orderId = ORDER_ID;
const KEPT_FOR_MS = 60_000;
/** As the process composes it, by the decorators' metadata. */
const actor = () =>
  container
    .createChildContainer()
    .registerInstance<ReservationLimit>(ReservationLimit, { keptForMs: KEPT_FOR_MS })
    .resolve(InventoryActor);
const cancelled: OrderCancelled = { orderId, reason: 'customer', customer: placed.customer, lines };
const shipped: OrderShipped = {
  orderId,
  customer: placed.customer,
  carrier: 'Parcel & Co',
  trackingNumber: 'P1',
  lines,
};

describe('inventory', () => {
  let inventory: ActorHarness;
  const levelOf = (sku: string) => inventory.valueOf(StockLevels, sku);
  const movements = () =>
    inventory.rowsOf(StockMovements).map(({ kind, quantity, sku }) => `${kind} ${quantity} ${sku}`);
  beforeEach(() => {
    inventory = new ActorHarness(actor())
      .given(StockLevels, 'mug', { onHand: 5, reserved: 0, shipped: 0 })
      .given(StockLevels, 'tea', { onHand: 1, reserved: 0, shipped: 0 });
  });

  it('reserves all lines of an order, and keeps account of it', async () => {
    expect(await inventory.when(OrderPlaced, placed)).to.deep.equal([message(StockReserved, { orderId, lines })]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 3, reserved: 2, shipped: 0 });
    expect(levelOf('tea')).to.deep.equal({ onHand: 0, reserved: 1, shipped: 0 });
    expect(movements()).to.deep.equal(['reserved 2 mug', 'reserved 1 tea']);
  });

  it('reserves nothing when one line is short', async () => {
    inventory.given(StockLevels, 'tea', { onHand: 0, reserved: 4, shipped: 0 });
    const shortages = [{ sku: 'tea', requested: 1, available: 0 }];
    expect(await inventory.when(OrderPlaced, placed)).to.deep.equal([
      message(StockReservationFailed, { orderId, shortages }),
    ]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 5, reserved: 0, shipped: 0 });
    expect(movements()).to.deep.equal([]);
  });

  it('puts a cancelled order’s stock back on hand, once', async () => {
    await inventory.when(OrderPlaced, placed);
    expect(await inventory.when(OrderCancelled, cancelled)).to.deep.equal([message(StockReleased, { orderId, lines })]);
    expect(await inventory.when(OrderCancelled, cancelled)).to.deep.equal([]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 5, reserved: 0, shipped: 0 });
    expect(movements()).to.deep.equal(['reserved 2 mug', 'reserved 1 tea', 'released 2 mug', 'released 1 tea']);
  });

  it('reserves nothing for an order that was cancelled before it arrived', async () => {
    expect(await inventory.when(OrderCancelled, cancelled)).to.deep.equal([
      message(StockReleased, { orderId, lines: [] }),
    ]);
    expect(await inventory.when(OrderPlaced, placed)).to.deep.equal([]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 5, reserved: 0, shipped: 0 });
  });

  it('has nothing to give back of an order that was short', async () => {
    inventory.given(Reservations, orderId, { status: 'failed', lines });
    expect(await inventory.when(OrderCancelled, cancelled)).to.deep.equal([]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 5, reserved: 0, shipped: 0 });
  });

  it('takes shipped stock out, once', async () => {
    await inventory.when(OrderPlaced, placed);
    expect(await inventory.when(OrderShipped, shipped)).to.deep.equal([]);
    await inventory.when(OrderShipped, shipped);
    expect(levelOf('mug')).to.deep.equal({ onHand: 3, reserved: 0, shipped: 2 });
    expect(inventory.valueOf(Reservations, orderId)?.status).to.equal('shipped');
  });

  it('tells that a reservation has expired, and keeps it until orders decides', async () => {
    await inventory.when(OrderPlaced, placed);
    expect(inventory.timers).to.deep.equal([{ ...message(ExpireReservation, { orderId }), afterMs: KEPT_FOR_MS }]);
    expect(await inventory.when(ExpireReservation, { orderId })).to.deep.equal([
      message(ReservationExpired, { orderId }),
    ]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 3, reserved: 2, shipped: 0 });
  });

  it('lets no reservation expire that was released, shipped or never made', async () => {
    expect(await inventory.when(ExpireReservation, { orderId })).to.deep.equal([]);
    for (const [contract, payload] of [
      [OrderCancelled, cancelled],
      [OrderShipped, shipped],
    ] as const) {
      inventory = new ActorHarness(actor())
        .given(StockLevels, 'mug', { onHand: 5, reserved: 0, shipped: 0 })
        .given(StockLevels, 'tea', { onHand: 1, reserved: 0, shipped: 0 });
      await inventory.when(OrderPlaced, placed);
      await inventory.handle(message(contract, payload));
      expect(inventory.timers).to.deep.equal([]);
      expect(await inventory.when(ExpireReservation, { orderId })).to.deep.equal([]);
    }
  });

  it('waits a bounded time for the reservation of a shipped order', async () => {
    const error = await inventory.when(OrderShipped, shipped).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'reservation.unknown', maxAttempts: 6 });
  });
});
