import { inject } from 'tsyringe';
import { Actor, Effect } from '../../shared/actors/decorators.js';
import { orderUnknown, TransientError } from '../../shared/actors/errors.js';
import type { State } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing } from '../../shared/actors/outgoing.js';
import { Keyring } from '../../shared/secrets/keyring.js';
import { OrderCancelled, OrderConfirmed, OrderPlaced } from '../orders/messages.js';
import {
  PaymentAuthorized,
  PaymentCaptured,
  PaymentCaptureRefused,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from './messages.js';
import { type Payment, Payments } from './payment.state.js';
import { PaymentGateway } from './payment-gateway.js';

/** Talks to the payment provider: holds the order's total, charges it, and gives it back. */
@Actor({ name: 'payment', state: Payments, prefetch: 200, concurrency: 50 })
export class PaymentActor {
  constructor(
    @inject(PaymentGateway) private readonly gateway: PaymentGateway,
    @inject(Keyring) private readonly keyring: Keyring,
  ) {}

  /** Holds the total. When the order was cancelled meanwhile, gives up what an earlier attempt may have come to hold. */
  @Effect(OrderPlaced)
  async authorize({ orderId }: OrderPlaced, payment: State<Payment>, outgoing: EffectOutgoing): Promise<void> {
    const { publish, idempotencyKey, signal } = outgoing;
    const current = known(payment);
    const amount = amountOf(current);
    if (current.status === 'voided') {
      await this.gateway.void({ orderId, amount }, { idempotencyKey: `${idempotencyKey}:undone`, signal });
    }
    if (current.status !== 'requested') return;
    // One that stands plain is read (to be dropped: 20261122115000).
    const token = current.token ?? this.keyring.open('payment-token', orderId, current.sealedToken);
    const answer = await this.gateway.authorize({ orderId, amount, token }, { idempotencyKey, signal });
    if (answer.kind === 'authorized') {
      const { authorizationId } = answer;
      payment.set({ ...current, status: 'authorized', ...noToken, authorizationId });
      publish(PaymentAuthorized, { orderId, amount, authorizationId });
    } else {
      payment.set({ ...current, status: 'declined', ...noToken, reason: answer.reason });
      publish(PaymentDeclined, { orderId, reason: answer.reason });
    }
  }

  /** Charges what is held. */
  @Effect(OrderConfirmed)
  async capture({ orderId }: OrderConfirmed, payment: State<Payment>, outgoing: EffectOutgoing): Promise<void> {
    const { publish, idempotencyKey, signal } = outgoing;
    const current = known(payment);
    const amount = amountOf(current);
    if (current.status === 'requested') {
      throw new TransientError('payment.not-authorized', `order ${orderId} is confirmed, its payment not authorized`);
    }
    if (current.status !== 'authorized') return;
    const answer = await this.gateway.capture({ orderId, amount }, { idempotencyKey, signal });
    if (answer.kind === 'captured') {
      payment.set({ ...current, status: 'captured' });
      publish(PaymentCaptured, { orderId, amount });
    } else {
      payment.set({ ...current, status: 'refused', reason: answer.reason });
      publish(PaymentCaptureRefused, { orderId, reason: answer.reason });
    }
  }

  /** Voids what is held, or refunds what was charged. Which of the two is for the provider to say: we may not know yet. */
  @Effect(OrderCancelled)
  async giveBack({ orderId }: OrderCancelled, payment: State<Payment>, outgoing: EffectOutgoing): Promise<void> {
    const { publish, idempotencyKey, signal } = outgoing;
    const current = known(payment);
    const amount = amountOf(current);
    if (current.status === 'declined' || current.status === 'voided' || current.status === 'refunded') return;
    const order = { orderId, amount };
    const { kind } = await this.gateway.void(order, { idempotencyKey: `${idempotencyKey}:void`, signal });
    const refund = { idempotencyKey: `${idempotencyKey}:refund`, signal };
    if (kind === 'nothing-held' && (await this.gateway.refund(order, refund)).kind === 'refunded') {
      payment.set({ ...current, status: 'refunded', ...noToken });
      publish(PaymentRefunded, order);
    } else {
      payment.set({ ...current, status: 'voided', ...noToken });
      publish(PaymentVoided, { orderId });
    }
  }
}

const noToken = { sealedToken: null, token: null } as const;

function amountOf({ amount, currency }: Payment) {
  return { amount, currency };
}

/** @throws {TransientError} `order.unknown`: the intake stores the payment with the order */
function known(payment: State<Payment>): Payment {
  if (payment.value) return payment.value;
  throw orderUnknown(payment.key, `the payment of order ${payment.key}`);
}
