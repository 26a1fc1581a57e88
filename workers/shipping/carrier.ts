/** What shipping needs of a carrier. An adapter keeps the promises made here, whatever the carrier is like. */
import type { Call } from '../../shared/http/idempotent-api.js';
import type { Address, Line } from '../../shared/messaging/vocabulary.js';

/**
 * Each method answers only what is certain. A repetition under the same idempotency key gives the same answer and
 * does nothing more.
 * @throws {TransientError} when it may or may not have been done
 * @throws {PermanentError} when the carrier takes the request itself for wrong
 */
export interface Carrier {
  /** Hands a parcel over. */
  ship(parcel: Parcel, call: Call): Promise<Shipped | Refused>;
  /** Takes the order's parcel back. No earlier request for the order is under way any more that could ship it later. */
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
