import { expect } from 'chai';
import { type OrderRecord, percentiles, summarize } from './summary.js';

const quiet = { later: 0, unknown: 0 };
const placed = (invoice: string, end: NonNullable<OrderRecord['end']>, answerMs = 10): OrderRecord => ({
  invoice,
  answer: { kind: 'placed', orderId: `id-${invoice}`, answerMs },
  ...quiet,
  end,
});

describe('the summary of a run', () => {
  const summary = summarize(
    [
      placed('1', { kind: 'SHIPPED', placedAt: 0, endedAt: 100 }),
      placed('2', { kind: 'SHIPPED', placedAt: 1000, endedAt: 1300 }, 30),
      placed('3', { kind: 'CANCELLED', placedAt: 1000, endedAt: 2000, reason: 'out-of-stock' }, 20),
      {
        invoice: '4',
        answer: { kind: 'replayed', orderId: 'id-4' },
        ...quiet,
        end: { kind: 'SHIPPED', placedAt: -9e9, endedAt: 5 },
      },
      { invoice: '5', answer: { kind: 'refused', reason: 'order.unknown-sku', detail: '' }, later: 3, unknown: 1 },
      { invoice: '6', answer: { kind: 'unknown', reason: 'ECONNRESET' }, later: 0, unknown: 9 },
      placed('7', { kind: 'lost' }),
      { ...placed('8', { kind: 'unfinished', status: 'PAID' }), cancellation: 'order.already-shipped' },
    ],
    500,
  );

  it('adds up: every order is at its end, refused, or unaccounted for', () => {
    expect(summary).to.include({ orders: 8, placed: 5, replayed: 1, shipped: 3 });
    expect(summary.refused).to.deep.equal({ 'order.unknown-sku': 1 });
    expect(summary.cancelled).to.deep.equal({ 'out-of-stock': 1 });
    expect(summary.cancellations).to.deep.equal({ 'order.already-shipped': 1 });
    expect(summary.unaccounted.map(({ invoice, why }) => `${invoice} ${why}`)).to.deep.equal([
      '6 no definite answer: ECONNRESET',
      '7 was accepted, and does not exist',
      '8 is still PAID',
    ]);
    expect(summary.repeated).to.deep.equal({ later: 3, unknown: 10 });
  });

  it('takes its latencies and speeds from what this run placed, not from what was replayed', () => {
    expect(summary.latencyMs.shipped).to.deep.equal({ count: 2, p50: 100, p95: 300, p99: 300, max: 300 });
    expect(summary.latencyMs.cancelled.max).to.equal(1000);
    expect(summary.latencyMs.accepted.max).to.equal(30);
    expect(summary.perSecond).to.deep.equal({ placed: 10, ended: 1.5 });
  });
});

describe('percentiles', () => {
  it('are values that occurred, by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentiles(hundred)).to.deep.equal({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  });

  it('are zero of nothing, and of what is no number', () => {
    expect(percentiles([Number.NaN])).to.deep.equal({ count: 0, p50: 0, p95: 0, p99: 0, max: 0 });
  });
});
