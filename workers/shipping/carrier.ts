/** What shipping needs of a carrier. An adapter keeps the promises made here, whatever the carrier is like. */
import type { Call } from '../../shared/http/idempotent-api.js';
import type { Address, Line } from '../../shared/messaging/vocabulary.js';

/**
 * Each method answers only what is certain, and repeated under the same idempotency key it does nothing more.
 * @throws {TransientError} when it may or may not have been done, or come to be done
 * @throws {PermanentError} when the carrier takes the request itself for wrong
 */
export interface Carrier {
  /** Hands a parcel over. */
  ship(parcel: Parcel, call: Call): Promise<Shipped | Refused>;
  /** Takes back what was handed over for the order, with no request for it under way; a repetition looks again. */
  cancel(orderId: string, call: Call): Promise<void>;
}
/** The token under which the adapter is registered. */
export const Carrier = Symbol('Carrier');

export interface Parcel {
  readonly orderId: string;
  readonly address: Address;
  readonly lines: readonly Line[];
}

export interface Shipped {
  readonly kind: 'shipped';
  /** Name of the carrier. */
  readonly carrier: string;
  readonly trackingNumber: string;
}

/** A final no; nothing is on its way. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: string;
}
