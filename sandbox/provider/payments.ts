/** The payment API's decisions: what comes of a request, given what the ledger says of the order. */
import type { LedgerEntry, Outcome, RefusalCode } from './entry.js';

/** Amounts are in minor units. */
export type PaymentRequest =
  | { step: 'authorize'; orderId: string; amount: number; currency: string; token: string }
  | { step: 'capture'; orderId: string; amount: number }
  | { step: 'void'; orderId: string }
  | { step: 'refund'; orderId: string; amount: number };

/** Where an order's money stands, in minor units. */
export interface Standing {
  /** Authorizations that are neither captured nor voided, oldest first. */
  live: readonly { id: string; amount: number; currency: string }[];
  held: number;
  captured: number;
  refunded: number;
  currency: string | undefined;
}

const ACCEPTED_TOKENS = new Set(['tok_ok', 'tok_slow', 'tok_error_after_charge']);

/** `seq` is the number the ledger will give to the outcome; ids are made of it. */
export function decidePayment(request: PaymentRequest, entries: readonly LedgerEntry[], seq: number): Outcome {
  if (request.step === 'authorize') return authorize(request, seq);
  const standing = standingOf(entries);
  switch (request.step) {
    case 'capture':
      return capture(request, standing, seq);
    case 'void':
      return voidAll(standing, seq);
    case 'refund':
      return refund(request, standing, seq);
  }
}

export function standingOf(entries: readonly LedgerEntry[]): Standing {
  const live = new Map<string, Standing['live'][number]>();
  let captured = 0;
  let refunded = 0;
  let currency: string | undefined;
  for (const entry of entries) {
    if (entry.kind === 'authorized') {
      live.set(entry.id, { id: entry.id, amount: entry.amount, currency: entry.currency });
      currency ??= entry.currency;
    } else if (entry.kind === 'captured' || entry.kind === 'voided') {
      for (const id of entry.authorizationIds) live.delete(id);
      if (entry.kind === 'captured') captured += entry.amount;
    } else if (entry.kind === 'refunded') {
      refunded += entry.amount;
    }
  }
  return { live: [...live.values()], held: sumOf(live.values()), captured, refunded, currency };
}

function authorize({ amount, currency, token }: PaymentRequest & { step: 'authorize' }, seq: number): Outcome {
  if (ACCEPTED_TOKENS.has(token)) return { kind: 'authorized', id: `auth_${seq}`, amount, currency };
  const reason = token === 'tok_declined' ? 'insufficient_funds' : 'unknown token';
  return { kind: 'declined', code: 'card_declined', reason };
}

function capture({ orderId, amount }: PaymentRequest & { step: 'capture' }, { live }: Standing, seq: number): Outcome {
  const [oldest] = live;
  if (!oldest) return refuse('nothing_authorized', `Order ${orderId} has no live authorization.`);
  if (amount > oldest.amount) {
    return refuse('amount_too_large', `${oldest.id} is over ${oldest.amount}; ${amount} cannot be captured from it.`);
  }
  const { id, currency } = oldest;
  return { kind: 'captured', id: `cap_${seq}`, amount, currency, authorizationIds: [id] };
}

function voidAll({ live, held }: Standing, seq: number): Outcome {
  const [oldest] = live;
  if (!oldest) return { kind: 'nothing_held' };
  const authorizationIds = live.map(({ id }) => id);
  return { kind: 'voided', id: `void_${seq}`, amount: held, currency: oldest.currency, authorizationIds };
}

function refund({ orderId, amount }: PaymentRequest & { step: 'refund' }, standing: Standing, seq: number): Outcome {
  const { captured, refunded, currency } = standing;
  if (captured === 0 || currency === undefined) {
    return refuse('nothing_captured', `Nothing is captured for order ${orderId}.`);
  }
  if (amount > captured - refunded) {
    return refuse('amount_too_large', `Of order ${orderId}, ${captured - refunded} are left to refund, not ${amount}.`);
  }
  return { kind: 'refunded', id: `ref_${seq}`, amount, currency };
}

function refuse(code: RefusalCode, reason: string): Outcome {
  return { kind: 'payment_refused', code, reason };
}

function sumOf(authorizations: Iterable<{ amount: number }>): number {
  let sum = 0;
  for (const { amount } of authorizations) sum += amount;
  return sum;
}
