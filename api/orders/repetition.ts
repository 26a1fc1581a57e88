/** What a request is told whose idempotency key another request came with. Pure. */
import { Problem } from '../problem.js';
import type { KeyClaim, KeyHolder, Refusal } from './idempotency-claims.js';

/**
 * What became of a request for an order.
 * - `placed`, `refused`: now. - `replayed`, `refused-before`: at an earlier request with the same key and body.
 */
export type Placed =
  | { readonly kind: 'placed' | 'replayed'; readonly orderId: string }
  | { readonly kind: 'refused'; readonly problem: Problem }
  | { readonly kind: 'refused-before'; readonly refusal: Refusal };

/** What a request is told whose key was used before it. */
export function repeated(
  { orderId, fingerprint }: Pick<KeyClaim, 'orderId' | 'fingerprint'>,
  holder: KeyHolder,
): Placed {
  // Our own order: the answer to an earlier commit of this batch was lost.
  if ('orderId' in holder && holder.orderId === orderId) return { kind: 'placed', orderId };
  if (!holder.fingerprint.equals(fingerprint)) return { kind: 'refused', problem: keyReused() };
  return 'refusal' in holder
    ? { kind: 'refused-before', refusal: holder.refusal }
    : { kind: 'replayed', orderId: holder.orderId };
}

/** For a request whose key is being used by one that has no answer yet, be it the same or another. */
export const inFlight = (): Problem =>
  new Problem(
    'request.idempotency-key-in-flight',
    'A request with this key has no answer yet. Repeat this one later: it will get that answer.',
    { retryAfterS: 1 },
  );

const keyReused = (): Problem =>
  new Problem(
    'request.idempotency-key-reused',
    'The key belongs to a request with another body. Repeat that body, or use a new key for this one.',
  );
