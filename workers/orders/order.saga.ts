/**
 * Where an order stands, and what follows. What is known of an order only ever moves forward, so neither the order in
 * which messages arrive nor their repetition changes the outcome: a step is taken once, when all that it needs is known.
 */
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
import type { CancelReason, OrderStatus } from './messages.js';

/** Each list runs forward: what stands later is never replaced by what stands before it. */
const STOCK = ['pending', 'reserved', 'failed', 'released'] as const;
const PAYMENT = ['pending', 'authorized', 'declined', 'captured', 'refused', 'voided', 'refunded'] as const;
const SHIPMENT = ['none', 'requested', 'cancelling', 'overdue', 'shipped', 'refused', 'cancelled'] as const;
type Stock = (typeof STOCK)[number];
type Payment = (typeof PAYMENT)[number];
type Shipment = (typeof SHIPMENT)[number];

/** All that the saga knows of an order. */
export interface Progress {
  readonly status: OrderStatus;
  readonly stock: Stock;
  readonly payment: Payment;
  readonly shipment: Shipment;
  /** Set by the first fact that rules the order out. */
  readonly cancelReason: CancelReason | null;
}

/** An order as the intake stores it. */
export const INITIATED: Progress = {
  status: 'INITIATED',
  stock: 'pending',
  payment: 'pending',
  shipment: 'none',
  cancelReason: null,
};

/** What the order has to set going: OrderConfirmed, OrderReady, CancelShipment, OrderCancelled. */
export type Step = 'confirm' | 'ready' | 'cancel-shipment' | 'cancel';

export interface Decision<O extends Progress> {
  readonly order: O;
  readonly steps: readonly Step[];
}

interface Change {
  readonly stock?: Stock;
  readonly payment?: Payment;
  readonly shipment?: Shipment;
  readonly reason?: CancelReason;
}
const NOTHING: Change = {};

/** What each message of another worker tells. */
export const FACTS: ReadonlyMap<string, Change> = new Map<string, Change>([
  [StockReserved.name, { stock: 'reserved' }],
  [StockReservationFailed.name, { stock: 'failed', reason: 'out-of-stock' }],
  [StockReleased.name, { stock: 'released' }],
  [PaymentAuthorized.name, { payment: 'authorized' }],
  [PaymentDeclined.name, { payment: 'declined', reason: 'payment-declined' }],
  [PaymentCaptured.name, { payment: 'captured' }],
  [PaymentCaptureRefused.name, { payment: 'refused', reason: 'payment-capture-refused' }],
  [PaymentVoided.name, { payment: 'voided' }],
  [PaymentRefunded.name, { payment: 'refunded' }],
  [OrderShipped.name, { shipment: 'shipped' }],
  [ShipmentRefused.name, { shipment: 'refused', reason: 'shipment-refused' }],
  [ShipmentCancelled.name, { shipment: 'cancelled' }],
]);

/** Takes in what a message of the given name tells. */
export function evolve<O extends Progress>(order: O, message: string): O {
  const { stock, payment, shipment, reason } = FACTS.get(message) ?? NOTHING;
  return {
    ...order,
    stock: later(STOCK, order.stock, stock),
    payment: later(PAYMENT, order.payment, payment),
    shipment: later(SHIPMENT, order.shipment, shipment),
    cancelReason: order.cancelReason ?? reason ?? (shipment === 'cancelled' ? whoCancelled(order) : null),
  };
}

/** Why shipping was asked to cancel. */
const whoCancelled = ({ shipment }: Progress): CancelReason =>
  shipment === 'overdue' ? 'shipment-overdue' : 'customer';

/** Which steps follow from what is known, and the status they lead to. */
export function decide<O extends Progress>(order: O): Decision<O> {
  const { stock, payment, cancelReason } = order;
  let { status, shipment } = order;
  const steps: Step[] = [];
  if (cancelReason !== null && (status === 'INITIATED' || status === 'CONFIRMED' || status === 'PAID')) {
    status = 'CANCELLING';
    steps.push('cancel');
  }
  if (status === 'INITIATED' && stock === 'reserved' && (payment === 'authorized' || payment === 'captured')) {
    status = 'CONFIRMED';
    steps.push('confirm');
  }
  if (status === 'CONFIRMED' && payment === 'captured') {
    status = 'PAID';
    shipment = later(SHIPMENT, shipment, 'requested');
    steps.push('ready');
  }
  if (status === 'PAID' && shipment === 'shipped') status = 'SHIPPED';
  if (status === 'CANCELLING' && nothingHeld(order)) status = 'CANCELLED';
  return { order: { ...order, status, shipment }, steps };
}

/** What the customer's wish to cancel comes to; once the parcel is asked for, shipping has the last word. */
export function cancel<O extends Progress>(order: O): Decision<O> {
  if (order.cancelReason === null && order.shipment === 'none') return decide({ ...order, cancelReason: 'customer' });
  if (order.cancelReason === null && order.shipment === 'requested') {
    return { order: { ...order, shipment: 'cancelling' }, steps: ['cancel-shipment'] };
  }
  return { order, steps: [] };
}

/** By when an order has to be paid for, confirmed and shipped, and for how long its stock is kept for it unconfirmed. */
export type Deadline = 'payment' | 'confirmation' | 'reservation' | 'shipment';

/** What follows when a deadline has passed: nothing, if the order was in time. */
export function overdue<O extends Progress>(order: O, deadline: Deadline): Decision<O> {
  if (order.cancelReason !== null || !isMissed(order, deadline)) return { order, steps: [] };
  if (order.status === 'PAID') return { order: { ...order, shipment: 'overdue' }, steps: ['cancel-shipment'] };
  return decide({ ...order, cancelReason: MISSED[deadline] });
}

const MISSED: Readonly<Record<Deadline, CancelReason>> = {
  payment: 'payment-overdue',
  confirmation: 'confirmation-overdue',
  reservation: 'reservation-expired',
  shipment: 'shipment-overdue',
};

function isMissed({ status, payment, shipment }: Progress, deadline: Deadline): boolean {
  switch (deadline) {
    case 'payment':
      return status === 'INITIATED' && payment === 'pending';
    case 'confirmation':
    case 'reservation':
      return status === 'INITIATED';
    case 'shipment':
      return status === 'CONFIRMED' || (status === 'PAID' && shipment === 'requested');
  }
}

function nothingHeld({ stock, payment }: Progress): boolean {
  return (
    (stock === 'failed' || stock === 'released') &&
    (payment === 'declined' || payment === 'voided' || payment === 'refunded')
  );
}

function later<T>(course: readonly T[], known: T, told: T | undefined): T {
  return told !== undefined && course.indexOf(told) > course.indexOf(known) ? told : known;
}
