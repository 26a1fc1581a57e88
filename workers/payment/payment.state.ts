/** What is remembered of an order's payment. The intake makes it. */
import { bigint, keyedState, nullable, text, type Value } from '../../shared/actors/keyed-state.js';

export const Payments = keyedState('payments', {
  key: { column: 'order_id', type: 'uuid' },
  fixed: {
    /** In minor units of the currency. */
    amount: bigint(),
    currency: text(),
  },
  columns: {
    status: text<Requested['status'] | Settled['status']>(),
    /** Stands for the customer's means of payment, sealed. It is in no message, log or event. */
    sealedToken: nullable(text()),
    /** Plain, as a release from before they were sealed stored it (to be dropped: 20261122115000). */
    token: nullable(text()),
    authorizationId: nullable(text()),
    reason: nullable(text()),
  },
});
type Row = Value<typeof Payments>;

/** The provider has not answered yet; only as long is the token kept. */
type Requested = { readonly status: 'requested' } & (
  | { readonly sealedToken: string; readonly token: null }
  | { readonly sealedToken: null; readonly token: string }
);
interface Settled {
  /** `refused`: what was authorized could not be captured. `voided`: nothing is held, nor will be. */
  readonly status: 'authorized' | 'declined' | 'captured' | 'refused' | 'voided' | 'refunded';
  readonly sealedToken: null;
  readonly token: null;
}
export type Payment = Row & (Requested | Settled);
