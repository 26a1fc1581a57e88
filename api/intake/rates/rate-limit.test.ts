import { expect } from 'chai';
import { RateLimit } from './rate-limit.js';

const quota = { name: 'key', requests: 60, windowS: 60 };
const MINUTE_MS = 60_000;

/** How many of so many requests are let in. */
const letIn = (limit: RateLimit, caller: string, count: number, nowMs: number): number =>
  Array.from({ length: count }, () => limit.take(caller, nowMs)).filter(({ afterMs }) => afterMs === 0).length;

describe('a rate limit', () => {
  it('lets in the quota at once, then what comes back, and says when', () => {
    const limit = new RateLimit(quota);
    expect(letIn(limit, 'ada', 100, 0)).to.equal(60);
    expect(limit.take('ada', 400)).to.deep.equal({ remaining: 0, afterMs: 600 });
    expect(limit.take('ada', 1000)).to.deep.equal({ remaining: 0, afterMs: 0 });
    expect(letIn(limit, 'ada', 100, 11_000)).to.equal(10);
    expect(letIn(limit, 'ada', 100, 10 * MINUTE_MS)).to.equal(60);
  });

  it('is for each caller', () => {
    const limit = new RateLimit(quota);
    letIn(limit, 'ada', 100, 0);
    expect(limit.take('bob', 0)).to.deep.equal({ remaining: 59, afterMs: 0 });
  });

  it('tells how long a caller waits without taking anything, and remembers nobody for having been asked', () => {
    const limit = new RateLimit(quota);
    expect([limit.waitMs('ada', 0), limit.callers]).to.deep.equal([0, 0]);
    letIn(limit, 'ada', 60, 0);
    expect([limit.waitMs('ada', 0), limit.waitMs('ada', 750), limit.waitMs('ada', 1000)]).to.deep.equal([1000, 250, 0]);
  });

  it('remembers a bounded number of callers, however many come, and those who come often for sure', () => {
    const limit = new RateLimit(quota, 1000);
    letIn(limit, 'ada', 100, 0);
    for (let at = 0; at < 100_000; at++) {
      limit.take(`stranger ${at}`, 0);
      if (at % 500 === 0) expect(limit.take('ada', 0).afterMs, `after ${at}`).to.equal(1000);
    }
    expect(limit.callers).to.be.at.most(2000);
    expect(limit.unsettled(1_000_000).size).to.be.at.most(3000);
  });

  it('forgets who has not come for a window, when he would have his whole quota again', () => {
    const limit = new RateLimit(quota);
    letIn(limit, 'ada', 100, 0);
    limit.take('bob', MINUTE_MS + 1);
    limit.take('bob', 2 * MINUTE_MS + 2);
    limit.take('eve', 3 * MINUTE_MS + 3);
    expect(limit.callers).to.equal(2);
  });

  it('tells what was given out once, and goes by what the fleet has left, debts included', () => {
    const limit = new RateLimit(quota);
    letIn(limit, 'ada', 20, 0);
    expect([...limit.unsettled(10)]).to.deep.equal([['ada', 20]]);
    expect([...limit.unsettled(10)]).to.deep.equal([]);
    letIn(limit, 'ada', 5, 0);
    limit.settle('ada', -3, 0);
    expect(limit.take('ada', 0).afterMs).to.equal(9000);
    expect([...limit.unsettled(10)]).to.deep.equal([['ada', 5]]);
  });

  it('gives out its share while processes do not hear of each other', () => {
    const limit = new RateLimit(quota);
    limit.shareOut(3);
    expect(letIn(limit, 'ada', 100, 0)).to.equal(20);
    expect(limit.take('ada', 0).afterMs).to.equal(3000);
    expect(letIn(limit, 'ada', 100, MINUTE_MS)).to.equal(20);
  });
});
