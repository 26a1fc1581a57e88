/** What a request is told whose idempotency key was used before. Pure. */
import { Problem } from '../problem.js';
import type { KeyHolder } from './idempotency-claims.js';

/** What became of a request for an order. */
export type Placed =
  | { readonly kind: 'placed' | 'replayed'; readonly orderId: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** What a request is told whose key was used before it. */
export function repeated({ orderId, fingerprint }: KeyHolder, holder: KeyHolder): Placed {
  // Our own order: the answer to an earlier commit of this batch was lost.
  if (holder.orderId === orderId) return { kind: 'placed', orderId };
  return holder.fingerprint.equals(fingerprint) ? { kind: 'replayed', orderId: holder.orderId } : keyReused();
}

/** What a request is told whose key another request of the same batch came with first. */
export function followed({ fingerprint }: KeyHolder, leader: KeyHolder, outcome: Placed): Placed {
  const same = leader.fingerprint.equals(fingerprint);
  if (outcome.kind === 'refused') return same ? outcome : inFlight();
  return same ? { kind: 'replayed', orderId: outcome.orderId } : keyReused();
}

const keyReused = (): Placed => ({
  kind: 'refused',
  problem: new Problem(
    'request.idempotency-key-reused',
    'The key belongs to a request with another body. Repeat that body, or use a new key for this one.',
  ),
});

const inFlight = (): Placed => ({
  kind: 'refused',
  problem: new Problem(
    'request.idempotency-key-in-flight',
    'Another body came with the same key at the same moment; try again.',
    { retryAfterS: 1 },
  ),
});
