/** What payment needs of a payment provider. An adapter keeps the promises made here, whatever the provider is like. */
import type { Call } from '../../shared/http/idempotent-api.js';
import type { Money } from '../../shared/messaging/vocabulary.js';

/**
 * Each method answers only what is certain, and repeated under the same idempotency key it does nothing more.
 * @throws {TransientError} when it may or may not have been done, or come to be done
 * @throws {PermanentError} when the provider takes the request itself for wrong
 */
export interface PaymentGateway {
  /** Holds the amount. */
  authorize(order: Authorization, call: Call): Promise<Authorized | Declined>;
  /** Charges the amount that is held. */
  capture(order: OrderAmount, call: Call): Promise<{ readonly kind: 'captured' } | Declined>;
  /** Gives up what is held. `nothing-held` is so now, with no request for the order under way; a repetition looks again. */
  void(order: OrderAmount, call: Call): Promise<{ readonly kind: 'voided' | 'nothing-held' }>;
  /** Pays back what was charged. `nothing-captured` is so now, with no request under way; a repetition looks again. */
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
