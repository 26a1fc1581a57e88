import 'reflect-metadata';
import { expect } from 'chai';
import fc from 'fast-check';
import { Reservations, StockLevels, stockId } from '../../workers/inventory/stock.state.js';
import { OrderCancelled, OrderConfirmed, OrderReady } from '../../workers/orders/messages.js';
import { Orders } from '../../workers/orders/order.state.js';
import { OrderShipped } from '../../workers/shipping/messages.js';
import { placed } from '../support/sample-order.js';
import type { Fate } from './outside-world.js';
import { REMINDERS } from './reminders.js';
import { SimulatedFleet } from './simulated-fleet.js';

const total = placed.total.amount;

interface Plan extends Fate {
  /** After how many deliveries the customer cancels; undefined for one who does not. */
  readonly cancelledAfter: number | undefined;
  /** Its messages are an earlier release's, and do not say whose order it is. */
  readonly unsaid: boolean;
}

const rarely = fc.boolean().chain((first) => (first ? fc.boolean() : fc.constant(false)));
const plan: fc.Arbitrary<Plan> = fc.record({
  declined: rarely,
  captureRefused: rarely,
  shipmentRefused: rarely,
  cancelledAfter: fc.option(fc.nat(60), { nil: undefined }),
  unsaid: rarely,
});

/** `SIMULATION_RUNS=50000` looks for a long time. */
const RUNS = Number(process.env['SIMULATION_RUNS'] ?? 1_500);

describe('the flow of orders', () => {
  it('ends in SHIPPED or CANCELLED with nothing held, whatever is late, doubled, lost or dies', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(plan, { minLength: 1, maxLength: 3 }),
        fc.nat(8),
        fc.array(fc.nat(1_000), { maxLength: 600, size: 'max' }),
        async (plans, mugs, draws) => {
          const fleet = await run(plans, mugs, draws);
          for (const [index, planned] of plans.entries()) expectSettled(fleet, idOf(index), planned);
          expectAllAccountedFor(fleet, mugs);
          expect(fleet.timers).to.deep.equal([]);
        },
      ),
      { numRuns: RUNS, interruptAfterTimeLimit: 45_000 },
    );
  });

  it('ships everything when nothing goes wrong', async () => {
    const fleet = await run(Array(3).fill({ ...NOTHING, cancelledAfter: undefined, unsaid: false }), 6, []);
    for (let index = 0; index < 3; index++) expect(statusOf(fleet, idOf(index))).to.equal('SHIPPED');
  });
});

const NOTHING: Fate = { declined: false, captureRefused: false, shipmentRefused: false };

async function run(plans: readonly Plan[], mugs: number, draws: readonly number[]): Promise<SimulatedFleet> {
  // When the draws are used up nothing goes wrong any more, so that every run comes to its end.
  let drawn = 0;
  const chance = (bound: number) => (draws[drawn++] ?? 0) % Math.max(bound, 1);
  const fates = new Map(plans.map((fate, index) => [idOf(index), fate]));
  const unsaid = new Set(plans.flatMap((planned, index) => (planned.unsaid ? [idOf(index)] : [])));
  const fleet = new SimulatedFleet(chance, (orderId) => fates.get(orderId) ?? NOTHING, unsaid);
  fleet.stock('mug', { onHand: mugs, reserved: 0, shipped: 0 });
  fleet.stock('tea', { onHand: 100, reserved: 0, shipped: 0 });
  for (const [index, { cancelledAfter }] of plans.entries()) {
    fleet.place(idOf(index));
    if (cancelledAfter !== undefined) fleet.cancel(idOf(index), cancelledAfter);
  }
  await fleet.run();
  return fleet;
}

const idOf = (index: number) => `01938f00-0000-7000-8000-00000000000${index}`;
const statusOf = (fleet: SimulatedFleet, orderId: string) => fleet.orders.valueOf(Orders, orderId)?.status;

function expectSettled(fleet: SimulatedFleet, orderId: string, planned: Plan): void {
  const status = statusOf(fleet, orderId);
  expect(status).to.be.oneOf(['SHIPPED', 'CANCELLED']);
  const shipped = status === 'SHIPPED';
  if (planned.declined || planned.captureRefused || planned.shipmentRefused) expect(shipped).to.equal(false);

  expect(fleet.provider.accountOf(orderId)).to.deep.equal({ held: 0, charged: shipped ? total : 0 });
  const { made, active } = fleet.carrier.labels.get(orderId) ?? { made: 0, active: 0 };
  expect(active).to.equal(shipped ? 1 : 0);
  expect(made).to.be.at.most(1);

  const published = fleet.log.filter(({ payload }) => (payload as { orderId: string }).orderId === orderId);
  const types = published.map(({ type }) => type).filter((type) => !REMINDERS.has(type));
  expect(new Set(types).size, types.join(' ')).to.equal(types.length);
  expect(types.includes(OrderShipped.name)).to.equal(shipped);
  expect(types.includes(OrderCancelled.name)).to.equal(!shipped);
  if (shipped) expect(types).to.include(OrderReady.name);

  const occasions = { confirmed: OrderConfirmed, shipped: OrderShipped, cancelled: OrderCancelled };
  for (const [occasion, { name }] of Object.entries(occasions)) {
    expect(fleet.mailServer.messageIds.has(`${orderId}:${occasion}`)).to.equal(types.includes(name));
  }
}

function expectAllAccountedFor({ inventory }: SimulatedFleet, mugs: number): void {
  const reservations = [...inventory.valuesOf(Reservations).values()];
  expect(reservations.filter(({ status }) => status === 'reserved')).to.deep.equal([]);
  const shippedOrders = reservations.filter(({ status }) => status === 'shipped').length;
  expect(inventory.valueOf(StockLevels, stockId(placed.storefrontId, 'mug'))).to.deep.equal({
    onHand: mugs - 2 * shippedOrders,
    reserved: 0,
    shipped: 2 * shippedOrders,
  });
}
