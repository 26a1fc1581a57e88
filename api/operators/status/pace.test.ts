import { expect } from 'chai';
import { leastId } from '../../../shared/messaging/message-id.js';
import { paceOf, type Said } from './pace.js';

describe('the pace of the fleet', () => {
  const since = Date.UTC(2026, 0, 1);
  const until = since + 120_000;
  const said = (type: string, atMs: number, placedAtMs = 0): Said => ({
    id: leastId(since + atMs),
    type,
    producer: type.split('.')[0] ?? '',
    orderId: leastId(since + placedAtMs),
  });

  it('is told a minute, on the average and for each part of the time', () => {
    const pace = paceOf(
      [
        said('orders.order-placed', 0),
        said('orders.order-placed', 119_999),
        said('orders.order-cancelled', 60_000),
        said('payment.payment-captured', 60_000),
      ],
      { since, until },
    );
    expect(pace).to.include({ placedPerMinute: 1, shippedPerMinute: 0, cancelledPerMinute: 0.5 });
    // A part is three seconds long, so one order in it makes twenty a minute.
    expect([pace.series.at(0)?.placed, pace.series.at(-1)?.placed, pace.series[20]?.cancelled]).to.deep.equal([
      20, 20, 20,
    ]);
    expect(pace.said).to.deep.include({ type: 'payment.payment-captured', producer: 'payment', perMinute: 0.5 });
  });

  it('has the time from the request to shipped that half of the orders keep, and nineteen of twenty', () => {
    const shipped = Array.from({ length: 20 }, (_, at) => said('shipping.order-shipped', 50_000 + at * 100, 50_000));
    expect(paceOf(shipped, { since, until }).toShippedMs).to.deep.equal({ p50: 900, p95: 1800 });
  });

  it('has no such time where nothing was shipped', () => {
    expect(paceOf([], { since, until }).toShippedMs).to.equal(null);
  });
});
