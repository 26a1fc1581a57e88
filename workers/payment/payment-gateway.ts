/** What payment needs of a payment provider. An adapter keeps the promises made here, whatever the provider is like. */
import type { Call } from '../../shared/http/idempotent-api.js';
import type { Money } from '../../shared/messaging/vocabulary.js';

/**
 * Each method answers only what is certain. A repetition under the same idempotency key gives the same answer and
 * does nothing more.
 * @throws {TransientError} when it may or may not have been done
 * @throws {PermanentError} when the provider takes the request itself for wrong
 */
export interface PaymentGateway {
  /** Holds the amount. */
  authorize(order: Authorization, call: Call): Promise<Authorized | Declined>;
  /** Charges the amount that is held. */
  capture(order: OrderAmount, call: Call): Promise<{ readonly kind: 'captured' } | Declined>;
  /** Gives up what is held. No earlier request for the order is under way any more that could hold or charge something later. */
  void(order: OrderAmount, call: Call): Promise<{ readonly kind: 'voided' | 'nothing-held' }>;
  /** Pays back the amount that was charged. */
  refund(order: OrderAmount, call: Call): Promise<{ readonly kind: 'refunded' | 'nothing-captured' }>;
}
/** The token under which the adapter is registered. */
export const PaymentGateway = Symbol('PaymentGateway');

export interface OrderAmount {
  readonly orderId: string;
  readonly amount: Money;
}

export interface Authorization extends OrderAmount {
  readonly token: string;
}

export interface Authorized {
  readonly kind: 'authorized';
  readonly authorizationId: string;
}

/** A final no; nothing was done. */
export interface Declined {
  readonly kind: 'declined';
  /** In the provider's words, without the token. */
  readonly reason: string;
}
