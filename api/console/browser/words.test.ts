import { expect } from 'chai';
import { age, duration, money, plural } from './words.js';

describe('the words of the console', () => {
  it('tell a duration in the unit that fits', () => {
    const durations = [340, 1500, 12_000, 300_000, 10_800_000, 200_000_000].map(duration);
    expect(durations).to.deep.equal(['340 ms', '1.5 s', '12 s', '5 min', '3 h', '2 d']);
  });

  it('tell an age, and none of what is yet to come by another clock', () => {
    expect([age('2026-01-01T00:00:00Z', Date.UTC(2026, 0, 1, 0, 5)), age('2026-01-01T00:00:00Z', 0)]).to.deep.equal([
      '5 min',
      '0 ms',
    ]);
  });

  it('tell money by the minor unit of its currency', () => {
    expect([money({ amount: 1450, currency: 'GBP' }), money({ amount: 1450, currency: 'JPY' })]).to.deep.equal([
      '£14.50',
      '¥1,450',
    ]);
  });

  it('say one order and two orders', () => {
    expect([plural(1, 'order'), plural(2000, 'order')]).to.deep.equal(['1 order', '2,000 orders']);
  });
});
