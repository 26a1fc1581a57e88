import { inject } from 'tsyringe';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { orderUnknown } from '../../shared/actors/errors.js';
import type { State } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { ReservationExpired, StockReleased, StockReservationFailed, StockReserved } from '../inventory/messages.js';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentCaptureRefused,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../payment/messages.js';
import { CancelShipment, OrderShipped, ShipmentCancelled, ShipmentRefused } from '../shipping/messages.js';
import { Deadlines } from './deadlines.js';
import {
  CancelOrder,
  EnforceConfirmationDeadline,
  EnforcePaymentDeadline,
  EnforceShippingDeadline,
  OrderCancelled,
  OrderConfirmed,
  OrderReady,
  type OrderStatus,
} from './messages.js';
import { cancel, type Decision, decide, evolve, overdue, type Step } from './order.saga.js';
import { type Order, Orders } from './order.state.js';

/** Gathers what the other workers tell of an order, and takes it from step to step. */
@Actor({ name: 'orders', sends: [CancelShipment], state: Orders, prefetch: 500 })
export class OrdersActor {
  constructor(@inject(Deadlines) private readonly deadlines: Deadlines) {}

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
    this.#follow(decide(evolve(known(order), outgoing.message.type)), order, outgoing);
  }

  /** Cancels at once before the parcel is asked for, through shipping after it, and not at all when it is too late. */
  @Decide(CancelOrder)
  cancel(_asked: CancelOrder, order: State<Order>, outgoing: Outgoing): void {
    this.#follow(cancel(known(order)), order, outgoing);
  }

  /** Cancels what is not paid for by now; what only waits for its stock has until the confirmation deadline. */
  @Decide(EnforcePaymentDeadline)
  enforcePayment({ orderId }: EnforcePaymentDeadline, order: State<Order>, outgoing: Outgoing): void {
    this.#follow(overdue(known(order), 'payment'), order, outgoing);
    if (known(order).status === 'INITIATED') {
      outgoing.schedule(EnforceConfirmationDeadline, { orderId }, { afterMs: this.deadlines.confirmedAfterMs });
    }
  }

  /** Cancels what is not confirmed by now. */
  @Decide(EnforceConfirmationDeadline)
  enforceConfirmation(_due: EnforceConfirmationDeadline, order: State<Order>, outgoing: Outgoing): void {
    this.#follow(overdue(known(order), 'confirmation'), order, outgoing);
  }

  /** Cancels what has held stock for too long unconfirmed. */
  @Decide(ReservationExpired)
  giveUp(_expired: ReservationExpired, order: State<Order>, outgoing: Outgoing): void {
    this.#follow(overdue(known(order), 'reservation'), order, outgoing);
  }

  /** Cancels what is not shipped by now, through shipping once the parcel is asked for. */
  @Decide(EnforceShippingDeadline)
  enforceShipping(_due: EnforceShippingDeadline, order: State<Order>, outgoing: Outgoing): void {
    this.#follow(overdue(known(order), 'shipment'), order, outgoing);
  }

  #follow({ order, steps }: Decision<Order>, state: State<Order>, outgoing: Outgoing): void {
    const before = known(state).status;
    state.set(order);
    for (const step of steps) STEPS[step](state.key, order, outgoing.publish);
    if (order.status !== before) this.#keepTime(state.key, before, order.status, outgoing);
  }

  /** Of each order only the deadline that is still to be met is on the clock. */
  #keepTime(orderId: string, before: OrderStatus, status: OrderStatus, { schedule, unschedule }: Outgoing): void {
    if (before === 'INITIATED') {
      unschedule(EnforcePaymentDeadline);
      unschedule(EnforceConfirmationDeadline);
    } else if ((before === 'CONFIRMED' || before === 'PAID') && status !== 'PAID') {
      unschedule(EnforceShippingDeadline);
    }
    if (before === 'INITIATED' && (status === 'CONFIRMED' || status === 'PAID')) {
      schedule(EnforceShippingDeadline, { orderId }, { afterMs: this.deadlines.shippedAfterMs });
    }
  }
}

const STEPS: Record<Step, (orderId: string, order: Order, publish: Outgoing['publish']) => void> = {
  confirm(orderId, { customer, lines, totalAmount, currency }, publish) {
    publish(OrderConfirmed, { orderId, customer, lines: [...lines], total: { amount: totalAmount, currency } });
  },
  ready(orderId, { storefrontId, customer, shippingAddress, lines }, publish) {
    publish(OrderReady, { orderId, storefrontId, customer, shippingAddress, lines: withoutPrices(lines) });
  },
  'cancel-shipment'(orderId, _order, publish) {
    publish(CancelShipment, { orderId });
  },
  cancel(orderId, { storefrontId, customer, lines, cancelReason }, publish) {
    const reason = cancelReason ?? 'customer';
    publish(OrderCancelled, { orderId, storefrontId, reason, customer, lines: withoutPrices(lines) });
  },
};

function withoutPrices(lines: Order['lines']) {
  return lines.map(({ sku, quantity }) => ({ sku, quantity }));
}

/** @throws {TransientError} `order.unknown` */
function known(order: State<Order>): Order {
  if (order.value) return order.value;
  throw orderUnknown(order.key);
}
