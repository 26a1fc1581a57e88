/**
 * What the payment provider and the carrier say that they did: their own account, which knows nothing of ours. A shop with
 * another provider writes an adapter that makes entries of what the provider's API tells.
 */
import { grouped } from '../grouped.js';

/** One thing that was done, in the order in which it was. Amounts are in minor units. */
export type BookEntry = { readonly orderId: string; readonly idempotencyKey: string } & (
  | { readonly kind: 'authorized'; readonly id: string; readonly amount: number; readonly currency: string }
  | {
      readonly kind: 'captured' | 'voided';
      readonly amount: number;
      readonly currency: string;
      /** The authorizations that are over with it. */
      readonly authorizationIds: readonly string[];
    }
  | { readonly kind: 'refunded'; readonly amount: number; readonly currency: string }
  | { readonly kind: 'labelled' | 'label-cancelled'; readonly trackingNumbers: readonly string[] }
  /** An idempotency key came with another body than before. */
  | { readonly kind: 'key-reused' }
);

export class ProviderBooks {
  readonly #byOrder: ReadonlyMap<string, readonly BookEntry[]>;

  constructor(entries: Iterable<BookEntry>) {
    this.#byOrder = grouped(entries, ({ orderId }) => orderId);
  }

  /** What was done for the order, oldest first. */
  of(orderId: string): readonly BookEntry[] {
    return this.#byOrder.get(orderId) ?? [];
  }

  /** Every order that something was done for. */
  get orderIds(): readonly string[] {
    return [...this.#byOrder.keys()];
  }
}
