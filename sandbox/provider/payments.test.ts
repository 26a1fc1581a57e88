import { expect } from 'chai';
import fc from 'fast-check';
import type { LedgerEntry } from './entry.js';
import { decidePayment, type PaymentRequest, standingOf } from './payments.js';

const orderId = 'order-1';
const authorize = (amount: number, token = 'tok_ok'): PaymentRequest => ({
  step: 'authorize',
  orderId,
  amount,
  currency: 'GBP',
  token,
});
const capture = (amount: number): PaymentRequest => ({ step: 'capture', orderId, amount });
const refund = (amount: number): PaymentRequest => ({ step: 'refund', orderId, amount });
const voidAll: PaymentRequest = { step: 'void', orderId };

/** What a ledger of these requests would hold. */
function entriesOf(requests: readonly PaymentRequest[]): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (const [i, request] of requests.entries()) {
    const asked = { api: 'payments', orderId, idempotencyKey: `key-${i}`, fingerprint: '' } as const;
    const seq = i + 1;
    entries.push({ seq, at: '2026-01-01T00:00:00.000Z', ...asked, ...decidePayment(request, entries, seq) });
  }
  return entries;
}

const kindsOf = (...requests: PaymentRequest[]) =>
  entriesOf(requests).map((entry) => ('code' in entry ? entry.code : entry.kind));

describe('payment decisions', () => {
  it('authorize only tokens that are known to be good', () => {
    expect(kindsOf(authorize(5), authorize(5, 'tok_slow'), authorize(5, 'tok_error_after_charge'))).to.deep.equal([
      'authorized',
      'authorized',
      'authorized',
    ]);
    expect(kindsOf(authorize(5, 'tok_declined'), authorize(5, 'tok_0k'))).to.deep.equal([
      'card_declined',
      'card_declined',
    ]);
  });

  it('record a second authorization of an order as a second one, and void both', () => {
    const entries = entriesOf([authorize(5), authorize(5)]);
    expect(standingOf(entries)).to.include({ held: 10, captured: 0 });
    expect(standingOf(entriesOf([authorize(5), authorize(5), voidAll]))).to.include({ held: 0, captured: 0 });
  });

  it('capture the oldest authorization once, and give up what is not taken of it', () => {
    const entries = entriesOf([authorize(9), capture(7), capture(7)]);
    expect(entries.map(({ kind }) => kind)).to.deep.equal(['authorized', 'captured', 'payment_refused']);
    expect(standingOf(entries)).to.include({ held: 0, captured: 7 });
  });

  it('refuse to take more than is authorized and to give back more than was taken', () => {
    expect(kindsOf(authorize(9), capture(10))).to.deep.equal(['authorized', 'amount_too_large']);
    expect(kindsOf(authorize(9), capture(9), refund(5), refund(5))).to.deep.equal([
      'authorized',
      'captured',
      'refunded',
      'amount_too_large',
    ]);
  });

  it('say so when there is nothing to capture, refund or void', () => {
    expect(kindsOf(capture(1))).to.deep.equal(['nothing_authorized']);
    expect(kindsOf(authorize(9), refund(9))).to.deep.equal(['authorized', 'nothing_captured']);
    expect(kindsOf(voidAll, authorize(5), capture(5), voidAll).at(-1)).to.equal('nothing_held');
  });

  it('never take more than was authorized nor give back more than was taken, in whatever order they are asked', () => {
    const amount = fc.integer({ min: 1, max: 20 });
    const request = fc.oneof(
      amount.map((some) => authorize(some)),
      amount.map((some) => authorize(some, 'tok_declined')),
      amount.map(capture),
      amount.map(refund),
      fc.constant(voidAll),
    );
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), (requests) => {
        const entries = entriesOf(requests);
        const authorized = entries.reduce((sum, entry) => sum + (entry.kind === 'authorized' ? entry.amount : 0), 0);
        const { held, captured, refunded } = standingOf(entries);
        return held >= 0 && refunded <= captured && held + captured <= authorized;
      }),
    );
  });
});
