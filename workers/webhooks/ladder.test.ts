import { expect } from 'chai';
import { ATTEMPTS, pauseAfter } from './ladder.js';

const HOUR_MS = 3_600_000;

describe('the ladder of a webhook', () => {
  const pauses = (chance: number) =>
    Array.from({ length: ATTEMPTS - 1 }, (_, index) => pauseAfter(index + 1, chance) ?? Number.NaN);

  it('reaches over a day, whatever chance says', () => {
    for (const chance of [0, 0.5, 1]) {
      const total = pauses(chance).reduce((sum, pause) => sum + pause, 0);
      expect(total).to.be.within(22 * HOUR_MS, 34 * HOUR_MS);
    }
    expect(pauses(0.5).reduce((sum, pause) => sum + pause, 0)).to.be.greaterThan(24 * HOUR_MS);
  });

  it('begins within seconds, and never comes back sooner than before', () => {
    expect(pauses(0)[0]).to.equal(4000);
    expect(pauses(1)[0]).to.equal(6000);
    const even = pauses(0.5);
    expect(even).to.deep.equal([...even].sort((one, other) => one - other));
  });

  it('ends', () => {
    expect(pauseAfter(ATTEMPTS, 0.5)).to.equal(undefined);
    expect(pauseAfter(ATTEMPTS + 5, 0.5, HOUR_MS)).to.equal(undefined);
  });

  it('waits for as long as the endpoint asks, within bounds, and never shorter than its rung', () => {
    expect(pauseAfter(1, 0.5, 90_000)).to.equal(90_000);
    expect(pauseAfter(1, 0.5, 1000)).to.equal(5000);
    expect(pauseAfter(1, 0.5, 1000 * HOUR_MS)).to.equal(6 * HOUR_MS);
  });
});
