import { expect } from 'chai';
import { jumpHash, simulateSplit } from './split-simulation.js';

const keys = Array.from({ length: 2000 }, (_, at) => BigInt(at) * 0x9e3779b97f4a7c15n);

describe('the hash of an order id over queues', () => {
  it('is that of the paper', () => {
    // What implementations in other languages are tested with.
    expect([jumpHash(1n, 1), jumpHash(42n, 57), jumpHash(0xdead10ccn, 1), jumpHash(0xdead10ccn, 666)]).to.deep.equal([
      0, 43, 0, 361,
    ]);
  });

  it('moves to a queue that is added only what that queue then has', () => {
    for (const key of keys) {
      const [before, after] = [jumpHash(key, 7), jumpHash(key, 8)];
      expect(after === before || after === 7).to.equal(true);
    }
  });
});

describe('a queue that is split', () => {
  const split = { queues: 5, messagesPerSecond: 10_000, utilisation: 0.6, silentS: 20 };

  it('is even, and a silent consumer delays the orders of its queue only, until what piled up is worked off', () => {
    const { fullestAbove, delayedShare, longestWaitS, workedOffAfterS } = simulateSplit(split, 7);
    expect(fullestAbove).to.be.within(0, 0.02);
    expect(delayedShare).to.be.closeTo(1 / 5, 0.01);
    expect(longestWaitS).to.be.closeTo(20, 0.1);
    // It works off 1 / 0.6 of what comes: 20 s of arrivals are gone after 20 / (1 - 0.6).
    expect(workedOffAfterS).to.be.closeTo(50, 1);
  });

  it('does the same whenever it is given the same seed', () => {
    expect(simulateSplit(split, 7)).to.deep.equal(simulateSplit(split, 7));
    expect(simulateSplit(split, 8)).not.to.deep.equal(simulateSplit(split, 7));
  });
});
