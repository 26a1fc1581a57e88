import { expect } from 'chai';
import { fullFor, type Load, retryAfterS } from './room.js';

const idle: Load = { reads: 0, changes: 0, bodies: 0, loopDelayMs: 0, unsent: 0 };
const limits = { requests: 10, outbox: 100 };
const MEBIBYTE = 1024 * 1024;

describe('the room for requests', () => {
  it('is there up to every limit, and not beyond', () => {
    const below: Load = { reads: 9, changes: 9, bodies: 31 * MEBIBYTE, loopDelayMs: 500, unsent: 99 };
    for (const room of ['reads', 'changes', 'orders'] as const)
      expect(fullFor(room, MEBIBYTE, below, limits)).to.equal(undefined);
    expect(fullFor('reads', 0, { ...below, reads: 10 }, limits)).to.equal('requests');
    expect(fullFor('orders', 0, { ...below, changes: 10 }, limits)).to.equal('requests');
    expect(fullFor('orders', MEBIBYTE + 1, below, limits)).to.equal('bodies');
    expect(fullFor('orders', 0, { ...below, loopDelayMs: 501 }, limits)).to.equal('event-loop');
    expect(fullFor('orders', 0, { ...below, unsent: 100 }, limits)).to.equal('outbox');
  });

  it('is left to those who read while those who change something have none, and the other way round', () => {
    const full: Load = { ...idle, changes: 10, bodies: 32 * MEBIBYTE, loopDelayMs: 5000, unsent: 100 };
    expect(fullFor('reads', 0, full, limits)).to.equal(undefined);
    expect(fullFor('changes', 0, { ...idle, reads: 10 }, limits)).to.equal(undefined);
  });

  it('is left to cancellations while the outbox takes no further order', () => {
    expect(fullFor('changes', 0, { ...idle, unsent: 100 }, limits)).to.equal(undefined);
  });
});

describe('when to ask again', () => {
  it('is spread, in whole seconds of at least one, and later for what takes longer', () => {
    expect([0, 0.5, 0.999].map((chance) => retryAfterS('requests', 1, chance))).to.deep.equal([1, 2, 3]);
    expect([0, 0.5, 0.999].map((chance) => retryAfterS('outbox', 1, chance))).to.deep.equal([10, 20, 30]);
  });

  it('is the later the more are refused, and within half a minute', () => {
    expect([0, 0.5, 0.999].map((chance) => retryAfterS('requests', 500, chance))).to.deep.equal([1, 6, 11]);
    expect([0, 0.999].map((chance) => retryAfterS('requests', 1_000_000, chance))).to.deep.equal([1, 30]);
    expect([0, 0.999].map((chance) => retryAfterS('outbox', 1_000_000, chance))).to.deep.equal([10, 30]);
  });
});
