import { Actor, Decide } from '../../shared/actors/decorators.js';
import { TransientError } from '../../shared/actors/errors.js';
import type { State } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { StockReleased, StockReservationFailed, StockReserved } from '../inventory/messages.js';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentCaptureRefused,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../payment/messages.js';
import { CancelShipment, OrderShipped, ShipmentCancelled, ShipmentRefused } from '../shipping/messages.js';
import { CancelOrder, OrderCancelled, OrderConfirmed, OrderReady } from './messages.js';
import { cancel, type Decision, decide, evolve, type Step } from './order.saga.js';
import { type Order, Orders } from './order.state.js';

/** Gathers what the other workers tell of an order, and takes it from step to step. */
@Actor({ name: 'orders', state: Orders, prefetch: 500 })
export class OrdersActor {
  /** Takes in what another worker told, and the steps that follow from it. */
  @Decide(StockReserved)
  @Decide(StockReservationFailed)
  @Decide(StockReleased)
  @Decide(PaymentAuthorized)
  @Decide(PaymentDeclined)
  @Decide(PaymentCaptured)
  @Decide(PaymentCaptureRefused)
  @Decide(PaymentVoided)
  @Decide(PaymentRefunded)
  @Decide(OrderShipped)
  @Decide(ShipmentRefused)
  @Decide(ShipmentCancelled)
  learn(_told: { readonly orderId: string }, order: State<Order>, outgoing: Outgoing): void {
    follow(decide(evolve(known(order), outgoing.message.type)), order, outgoing);
  }

  /** Cancels at once before the parcel is asked for, through shipping after it, and not at all when it is too late. */
  @Decide(CancelOrder)
  cancel(_asked: CancelOrder, order: State<Order>, outgoing: Outgoing): void {
    follow(cancel(known(order)), order, outgoing);
  }
}

function follow(decision: Decision<Order>, order: State<Order>, { publish }: Outgoing): void {
  order.set(decision.order);
  for (const step of decision.steps) STEPS[step](order.key, decision.order, publish);
}

const STEPS: Record<Step, (orderId: string, order: Order, publish: Outgoing['publish']) => void> = {
  confirm(orderId, { customer, lines, totalAmount, currency }, publish) {
    publish(OrderConfirmed, { orderId, customer, lines: [...lines], total: { amount: totalAmount, currency } });
  },
  ready(orderId, { customer, shippingAddress, lines }, publish) {
    publish(OrderReady, { orderId, customer, shippingAddress, lines: withoutPrices(lines) });
  },
  'cancel-shipment'(orderId, _order, publish) {
    publish(CancelShipment, { orderId });
  },
  cancel(orderId, { customer, lines, cancelReason }, publish) {
    publish(OrderCancelled, { orderId, reason: cancelReason ?? 'customer', customer, lines: withoutPrices(lines) });
  },
};

function withoutPrices(lines: Order['lines']) {
  return lines.map(({ sku, quantity }) => ({ sku, quantity }));
}

/** @throws {TransientError} `order.unknown`: the intake stores an order before anybody hears of it */
function known(order: State<Order>): Order {
  if (order.value) return order.value;
  throw new TransientError('order.unknown', `order ${order.key} is not stored`, { maxAttempts: 6 });
}
