/** What the provider's ledger can say, and the answer that each entry stands for. */

/** Each API has idempotency keys of its own. */
export type Api = 'payments' | 'shipments';

export type Outcome =
  | { kind: 'authorized'; id: string; amount: number; currency: string }
  | { kind: 'declined'; code: 'card_declined'; reason: string }
  | { kind: 'captured'; id: string; amount: number; currency: string; authorizationIds: readonly string[] }
  | { kind: 'voided'; id: string; amount: number; currency: string; authorizationIds: readonly string[] }
  | { kind: 'nothing_held' }
  | { kind: 'refunded'; id: string; amount: number; currency: string }
  | { kind: 'payment_refused'; code: RefusalCode; reason: string }
  | { kind: 'labelled'; trackingNumbers: readonly [string]; carrier: string }
  | { kind: 'label_cancelled'; trackingNumbers: readonly string[] }
  | { kind: 'nothing_to_cancel' }
  | { kind: 'key_reused'; code: 'idempotency_mismatch'; reason: string };

export type RefusalCode = 'nothing_authorized' | 'nothing_captured' | 'amount_too_large';

/** What was asked, for as much as the ledger keeps of it. */
export interface Asked {
  api: Api;
  orderId: string;
  idempotencyKey: string;
  /** Hash of path and body: tells whether a key is used with another body. */
  fingerprint: string;
}

/** `seq` counts from 1 without gaps; `at` is an ISO 8601 time. */
export type LedgerEntry = Outcome & Asked & { seq: number; at: string };

export interface Answer {
  status: number;
  body: object;
}

/** The same answer whenever it is asked: a replay is this function again. */
export function answerOf(entry: LedgerEntry): Answer {
  const { orderId } = entry;
  switch (entry.kind) {
    case 'authorized':
    case 'refunded': {
      const { id, amount, currency } = entry;
      return { status: 201, body: { id, orderId, status: entry.kind, amount, currency } };
    }
    case 'captured':
    case 'voided': {
      const { id, amount, currency, authorizationIds } = entry;
      return { status: 201, body: { id, orderId, status: entry.kind, amount, currency, authorizationIds } };
    }
    case 'labelled': {
      const [trackingNumber] = entry.trackingNumbers;
      return { status: 201, body: { orderId, status: entry.kind, trackingNumber, carrier: entry.carrier } };
    }
    case 'label_cancelled':
      return { status: 201, body: { orderId, status: 'cancelled', trackingNumbers: entry.trackingNumbers } };
    case 'nothing_held':
    case 'nothing_to_cancel':
      return { status: 200, body: { orderId, status: entry.kind } };
    case 'declined':
      return { status: 402, body: { code: entry.code, reason: entry.reason } };
    case 'key_reused':
      return { status: 422, body: { code: entry.code, reason: entry.reason } };
    case 'payment_refused': {
      const status = entry.code === 'amount_too_large' ? 422 : 409;
      return { status, body: { code: entry.code, reason: entry.reason } };
    }
  }
}
