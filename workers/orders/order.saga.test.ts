import { expect } from 'chai';
import fc from 'fast-check';
import { StockReleased, StockReservationFailed, StockReserved } from '../inventory/messages.js';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentCaptureRefused,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../payment/messages.js';
import { OrderShipped, ShipmentCancelled, ShipmentRefused } from '../shipping/messages.js';
import { CancelOrder, isAtItsEnd, ORDER_STATUSES, type OrderStatus } from './messages.js';
import {
  cancel,
  type Deadline,
  decide,
  evolve,
  FACTS,
  INITIATED,
  overdue,
  type Progress,
  type Step,
} from './order.saga.js';

/** What an order goes through, in one of the orders in which it can happen. */
const SCENARIOS = {
  'all goes well': [StockReserved, PaymentAuthorized, PaymentCaptured, OrderShipped],
  'stock is short': [StockReservationFailed, PaymentAuthorized, PaymentVoided],
  'the payment is declined': [PaymentDeclined, StockReserved, StockReleased],
  'stock is short and the payment declined': [StockReservationFailed, PaymentDeclined],
  'the customer cancels at once': [CancelOrder, StockReleased, PaymentVoided],
  'the customer cancels while it is being reserved': [
    StockReserved,
    CancelOrder,
    PaymentAuthorized,
    StockReleased,
    PaymentVoided,
  ],
  'the customer cancels before it is shipped': [
    StockReserved,
    PaymentAuthorized,
    PaymentCaptured,
    CancelOrder,
    ShipmentCancelled,
    StockReleased,
    PaymentRefunded,
  ],
  'the capture is refused': [StockReserved, PaymentAuthorized, PaymentCaptureRefused, StockReleased, PaymentVoided],
  'the carrier refuses': [
    StockReserved,
    PaymentAuthorized,
    PaymentCaptured,
    ShipmentRefused,
    StockReleased,
    PaymentRefunded,
  ],
} as const;

const HAPPY = SCENARIOS['all goes well'].map(({ name }) => name);

describe('the saga of an order', () => {
  for (const [scenario, contracts] of Object.entries(SCENARIOS)) {
    const expected: OrderStatus = scenario === 'all goes well' ? 'SHIPPED' : 'CANCELLED';

    it(`ends in ${expected} when ${scenario}, however its messages arrive and however often`, () => {
      const names = contracts.map(({ name }) => name);
      for (const arrival of permutations(names)) {
        for (const messages of [arrival, arrival.flatMap((name) => [name, name]), [...arrival, ...arrival]]) {
          const { order, steps } = follow(messages);
          expect(order.status, messages.join(' ')).to.equal(expected);
          expectLegal(order, steps);
        }
      }
    });
  }

  it('ends in CANCELLED wherever the customer cancels and shipping agrees', () => {
    const before = [StockReserved.name, PaymentAuthorized.name, PaymentCaptured.name];
    for (const arrival of permutations(before)) {
      for (let point = 0; point <= arrival.length; point++) {
        const messages = [...arrival.slice(0, point), CancelOrder.name, ...arrival.slice(point)];
        const asked = follow(messages).steps.includes('cancel-shipment');
        for (const answers of permutations([StockReleased.name, PaymentRefunded.name])) {
          const { order, steps } = follow([...messages, ...(asked ? [ShipmentCancelled.name] : []), ...answers]);
          expect(order.status, messages.join(' ')).to.equal('CANCELLED');
          expectLegal(order, steps);
        }
      }
    }
  });

  it('confirms, then asks for the parcel, each once, when all goes well', () => {
    for (const arrival of permutations(HAPPY)) expect(follow(arrival).steps).to.deep.equal(['confirm', 'ready']);
  });

  it('cancels without confirming what is short or declined', () => {
    expect(follow([PaymentAuthorized.name, StockReservationFailed.name]).steps).to.deep.equal(['cancel']);
    expect(follow([StockReserved.name, PaymentDeclined.name]).steps).to.deep.equal(['cancel']);
  });

  it('stays CANCELLING as long as stock or payment is held', () => {
    expect(follow([StockReserved.name, PaymentDeclined.name]).order.status).to.equal('CANCELLING');
    expect(follow([StockReservationFailed.name, PaymentAuthorized.name]).order.status).to.equal('CANCELLING');
    expect(follow([CancelOrder.name, StockReleased.name]).order.status).to.equal('CANCELLING');
  });

  it('lets shipping decide about a cancellation once the parcel is asked for', () => {
    const asked = follow([...HAPPY.slice(0, 3), CancelOrder.name, CancelOrder.name]);
    expect(asked.steps).to.deep.equal(['confirm', 'ready', 'cancel-shipment']);
    expect(asked.order.status).to.equal('PAID');
    const tooLate = follow([...HAPPY.slice(0, 3), CancelOrder.name, OrderShipped.name]);
    expect(tooLate.order.status).to.equal('SHIPPED');
    const inTime = follow([...HAPPY.slice(0, 3), CancelOrder.name, ShipmentCancelled.name]);
    expect(inTime.order).to.include({ status: 'CANCELLING', cancelReason: 'customer' });
    expect(inTime.steps.at(-1)).to.equal('cancel');
  });

  it('does not cancel what is shipped', () => {
    for (const arrival of permutations(HAPPY)) {
      const { order, steps } = follow([...arrival, CancelOrder.name]);
      expect(order.status).to.equal('SHIPPED');
      expect(steps).to.deep.equal(['confirm', 'ready']);
    }
  });

  it('names the first reason there was', () => {
    expect(follow([CancelOrder.name, StockReservationFailed.name]).order.cancelReason).to.equal('customer');
    expect(follow([StockReservationFailed.name, CancelOrder.name]).order.cancelReason).to.equal('out-of-stock');
  });

  it('is cancelled by the first deadline that it misses, and by none that it meets', () => {
    const reasonAfter = (...messages: string[]) => follow(messages).order.cancelReason;
    expect(reasonAfter('payment')).to.equal('payment-overdue');
    expect(reasonAfter(StockReserved.name, 'payment')).to.equal('payment-overdue');
    expect(reasonAfter(PaymentAuthorized.name, 'payment')).to.equal(null);
    expect(reasonAfter(PaymentAuthorized.name, 'payment', 'confirmation')).to.equal('confirmation-overdue');
    expect(reasonAfter(StockReserved.name, 'reservation')).to.equal('reservation-expired');
    const confirmed = [StockReserved.name, PaymentAuthorized.name];
    expect(reasonAfter(...confirmed, 'payment', 'confirmation', 'reservation')).to.equal(null);
    expect(reasonAfter(...confirmed, 'shipment')).to.equal('shipment-overdue');
    expect(reasonAfter(...HAPPY, ...DEADLINES)).to.equal(null);
  });

  it('is compensated in full when an answer comes after the deadline', () => {
    for (const late of permutations([StockReserved.name, PaymentAuthorized.name])) {
      const { order, steps } = follow(['payment', ...late, StockReleased.name, PaymentVoided.name]);
      expect(order).to.include({ status: 'CANCELLED', cancelReason: 'payment-overdue' });
      expect(steps).to.deep.equal(['cancel']);
    }
  });

  it('asks shipping once when both the customer and the deadline want the parcel back, and names the first', () => {
    const paid = HAPPY.slice(0, 3);
    for (const [wishes, reason] of [
      [['shipment', CancelOrder.name], 'shipment-overdue'],
      [[CancelOrder.name, 'shipment'], 'customer'],
    ] as const) {
      const { order, steps } = follow([...paid, ...wishes, ShipmentCancelled.name]);
      expect(steps).to.deep.equal(['confirm', 'ready', 'cancel-shipment', 'cancel']);
      expect(order.cancelReason).to.equal(reason);
      expect(follow([...paid, ...wishes, HAPPY[3] ?? '']).order.status).to.equal('SHIPPED');
    }
  });

  it('learns nothing from a message that it does not know', () => {
    expect(evolve(INITIATED, 'fraud.order-cleared')).to.deep.equal(INITIATED);
  });

  it('takes no step twice, none after cancelling, never goes back, and goes nowhere from its end, whatever it is told', () => {
    const anything = fc.array(fc.constantFrom(CancelOrder.name, ...DEADLINES, ...FACTS.keys()), { maxLength: 30 });
    fc.assert(
      fc.property(anything, (messages) => {
        const { order, steps, statuses } = follow(messages);
        expectLegal(order, steps);
        const ranks = statuses.map((status) => ORDER_STATUSES.indexOf(status));
        expect(ranks).to.deep.equal(ranks.toSorted((one, other) => one - other));
        const end = statuses.find((status) => isAtItsEnd({ status }));
        expect(order.status).to.equal(end ?? order.status);
      }),
      { numRuns: 2_000 },
    );
  });
});

const DEADLINES: readonly Deadline[] = ['payment', 'confirmation', 'reservation', 'shipment'];

function follow(messages: readonly string[]): { order: Progress; steps: Step[]; statuses: OrderStatus[] } {
  let order = INITIATED;
  const steps: Step[] = [];
  const statuses: OrderStatus[] = [];
  for (const name of messages) {
    const deadline = DEADLINES.find((one) => one === name);
    const decision =
      name === CancelOrder.name
        ? cancel(order)
        : deadline === undefined
          ? decide(evolve(order, name))
          : overdue(order, deadline);
    order = decision.order;
    steps.push(...decision.steps);
    statuses.push(order.status);
  }
  return { order, steps, statuses };
}

function expectLegal(order: Progress, steps: readonly Step[]): void {
  expect(new Set(steps).size, steps.join()).to.equal(steps.length);
  if (steps.includes('ready')) expect(steps.indexOf('confirm')).to.be.within(0, steps.indexOf('ready') - 1);
  if (steps.includes('cancel-shipment')) {
    expect(steps.indexOf('ready')).to.be.within(0, steps.indexOf('cancel-shipment') - 1);
  }
  if (steps.includes('cancel')) expect(steps.at(-1)).to.equal('cancel');
  expect(order.status.startsWith('CANCEL')).to.equal(steps.includes('cancel'));
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, index) =>
    permutations([...items.slice(0, index), ...items.slice(index + 1)]).map((rest) => [item, ...rest]),
  );
}
