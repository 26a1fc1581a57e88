import { expect } from 'chai';
import { ATTEMPTS } from './ladder.js';
import { verdictOn } from './verdict.js';

describe('the verdict on an attempt', () => {
  it('is delivered for 2xx, whichever attempt it was', () => {
    for (const attempt of [1, ATTEMPTS])
      expect(verdictOn({ status: 204, tookMs: 20 }, attempt, 0.5)).to.deep.equal({
        status: 'delivered',
        endpoint: { failed: false, ailing: false, gone: false },
      });
  });

  it('is another attempt after a failure, until there are none left', () => {
    for (const error of ['status', 'redirect', 'timeout', 'connection', 'address-refused'] as const) {
      const early = verdictOn({ error, tookMs: 20 }, 1, 0.5);
      expect(early).to.deep.include({ status: 'pending', pauseMs: 5000 });
      expect(early.endpoint).to.deep.equal({ failed: true, ailing: true, gone: false });
      expect(verdictOn({ error, tookMs: 20 }, ATTEMPTS, 0.5).status).to.equal('failed');
    }
  });

  it('is the end at once for an endpoint that is gone', () => {
    const verdict = verdictOn({ status: 410, error: 'gone', tookMs: 20, retryAfterMs: 60_000 }, 1, 0.5);
    expect(verdict).to.deep.equal({ status: 'failed', endpoint: { failed: true, ailing: true, gone: true } });
  });

  it('honours Retry-After', () => {
    const answer = { status: 429, error: 'status', tookMs: 20, retryAfterMs: 120_000 } as const;
    expect(verdictOn(answer, 1, 0.5).pauseMs).to.equal(120_000);
  });

  it('calls an endpoint ailing that answers well and slowly', () => {
    const { status, endpoint } = verdictOn({ status: 200, tookMs: 5001 }, 1, 0.5);
    expect(status).to.equal('delivered');
    expect(endpoint).to.deep.equal({ failed: false, ailing: true, gone: false });
  });
});
