import { expect } from 'chai';
import { FRESH_MS, readFresh } from './read-fresh.js';

describe('reading what must be fresh', () => {
  const { now } = performance;
  let time = 0;
  let reads = 0;

  beforeEach(() => {
    reads = 0;
    performance.now = () => time;
  });
  afterEach(() => {
    performance.now = now;
  });

  /** Each read takes as long as the next of these, and reads its number. */
  const taking = (...times: number[]) =>
    readFresh(async () => {
      time += times[reads++] ?? 0;
      return reads;
    });

  it('is done once', async () => {
    expect(await taking(FRESH_MS)).to.deep.equal({ value: 1, at: time });
    expect(reads).to.equal(1);
  });

  it('is done again when the process may have stood still over it', async () => {
    expect(await taking(FRESH_MS + 1, 5)).to.deep.equal({ value: 2, at: time });
    expect(reads).to.equal(2);
  });

  it('ends where the database is slow', async () => {
    expect((await taking(FRESH_MS + 1, FRESH_MS + 1, 5)).value).to.equal(2);
    expect(reads).to.equal(2);
  });
});
