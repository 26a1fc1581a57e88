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
  SettleReservation,
  StockReleased,
  StockReservationFailed,
  StockReserved,
} from './messages.js';
import { ReservationLimit } from './reservation-limit.js';
import { Reservations, StockLevels, StockMovements, stockId } from './stock.state.js';

const orderId = ORDER_ID;
const { storefrontId } = placed;
const KEPT_FOR_MS = 60_000;
/** As the process composes it, by the decorators' metadata. */
const actor = () =>
  container
    .createChildContainer()
    .registerInstance<ReservationLimit>(ReservationLimit, { keptForMs: KEPT_FOR_MS })
    .resolve(InventoryActor);
const cancelled: OrderCancelled = { orderId, storefrontId, reason: 'customer', customer: placed.customer, lines };
const shipped: OrderShipped = {
  orderId,
  storefrontId,
  customer: placed.customer,
  carrier: 'Parcel & Co',
  trackingNumber: 'P1',
  lines,
};

describe('inventory', () => {
  let inventory: ActorHarness;
  const levelOf = (sku: string) => inventory.valueOf(StockLevels, stockId(storefrontId, sku));
  const movements = () =>
    inventory.rowsOf(StockMovements).map(({ kind, quantity, sku }) => `${kind} ${quantity} ${sku}`);
  beforeEach(() => {
    inventory = new ActorHarness(actor())
      .given(StockLevels, stockId(storefrontId, 'mug'), { onHand: 5, reserved: 0, shipped: 0 })
      .given(StockLevels, stockId(storefrontId, 'tea'), { onHand: 1, reserved: 0, shipped: 0 });
  });

  it('reserves all lines of an order, and keeps account of it', async () => {
    expect(await inventory.when(OrderPlaced, placed)).to.deep.equal([message(StockReserved, { orderId, lines })]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 3, reserved: 2, shipped: 0 });
    expect(levelOf('tea')).to.deep.equal({ onHand: 0, reserved: 1, shipped: 0 });
    expect(movements()).to.deep.equal(['reserved 2 mug', 'reserved 1 tea']);
  });

  it('reserves nothing when one line is short', async () => {
    inventory.given(StockLevels, stockId(storefrontId, 'tea'), { onHand: 0, reserved: 4, shipped: 0 });
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
    inventory.given(Reservations, orderId, { status: 'failed', storefrontId, lines });
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
        .given(StockLevels, stockId(storefrontId, 'mug'), { onHand: 5, reserved: 0, shipped: 0 })
        .given(StockLevels, stockId(storefrontId, 'tea'), { onHand: 1, reserved: 0, shipped: 0 });
      await inventory.when(OrderPlaced, placed);
      await inventory.handle(message(contract, payload));
      expect(inventory.timers).to.deep.equal([]);
      expect(await inventory.when(ExpireReservation, { orderId })).to.deep.equal([]);
    }
  });

  it('reserves of its storefront only, however much another has of the SKU', async () => {
    const another = stockId('01938f00-0000-7000-8000-0000000000ee', 'tea');
    inventory
      .given(StockLevels, stockId(storefrontId, 'tea'), { onHand: 0, reserved: 0, shipped: 0 })
      .given(StockLevels, another, { onHand: 100, reserved: 0, shipped: 0 });
    const shortages = [{ sku: 'tea', requested: 1, available: 0 }];
    expect(await inventory.when(OrderPlaced, placed)).to.deep.equal([
      message(StockReservationFailed, { orderId, shortages }),
    ]);
    expect(inventory.valueOf(StockLevels, another)).to.deep.equal({ onHand: 100, reserved: 0, shipped: 0 });
  });

  for (const [as, contract, payload, answers, level] of [
    ['released', OrderCancelled, cancelled, [message(StockReleased, { orderId, lines })], [5, 0, 0]],
    ['shipped', OrderShipped, shipped, [], [3, 0, 2]],
  ] as const) {
    it(`settles what an earlier release tells is ${as} without saying whose, once`, async () => {
      await inventory.when(OrderPlaced, placed);
      const { storefrontId: _, ...told } = payload;
      const asked = message(SettleReservation, { orderId, storefrontId, lines, as });
      expect(await inventory.handle(message(contract, told))).to.deep.equal([asked]);
      expect(await inventory.handle(asked)).to.deep.equal(answers);
      expect(await inventory.handle(asked)).to.deep.equal([]);
      expect(Object.values(levelOf('mug') ?? {})).to.deep.equal(level);
      expect(inventory.rowsOf(StockMovements).every((row) => row.storefrontId === storefrontId)).to.equal(true);
      expect(inventory.timers).to.deep.equal([]);
    });
  }

  it('needs not know whose order it was that an earlier release cancelled before it arrived', async () => {
    const { storefrontId: _, ...told } = cancelled;
    expect(await inventory.when(OrderCancelled, told)).to.deep.equal([message(StockReleased, { orderId, lines: [] })]);
    expect(await inventory.when(OrderPlaced, placed)).to.deep.equal([]);
    expect(levelOf('mug')).to.deep.equal({ onHand: 5, reserved: 0, shipped: 0 });
  });

  it('waits a bounded time for the reservation of a shipped order', async () => {
    const error = await inventory.when(OrderShipped, shipped).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TransientError).and.include({ code: 'reservation.unknown', maxAttempts: 6 });
  });
});
