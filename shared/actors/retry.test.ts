import { expect } from 'chai';
import fc from 'fast-check';
import { InvalidMessage } from '../messaging/invalid-message.js';
import { PermanentError, TransientError } from './errors.js';
import { verdictOn } from './retry.js';

const LADDER = [1000, 5000, 30_000];

describe('the retry policy', () => {
  it('climbs the ladder a rung an attempt, and stays on the last', () => {
    const rungs = [1, 2, 3, 4, 5].map((attempt) => verdictOn(new Error('odd'), attempt, 9, LADDER));
    expect(rungs).to.deep.equal([0, 1, 2, 2, 2].map((rung, index) => ({ kind: 'retry', rung, attempt: index + 2 })));
  });

  it('gives up an error of no declared kind at the actor’s limit, and a transient one at its own', () => {
    expect(verdictOn(new TypeError('odd'), 3, 3, LADDER)).to.deep.equal({
      kind: 'dead-letter',
      code: 'unexpected.TypeError',
    });
    expect(verdictOn('no error at all', 3, 3, LADDER)).to.deep.equal({ kind: 'dead-letter', code: 'unexpected' });
    expect(verdictOn(new TransientError('away', ''), 3, 3, LADDER).kind).to.equal('retry');
    expect(verdictOn(new TransientError('away', '', { maxAttempts: 4 }), 4, 9, LADDER)).to.deep.equal({
      kind: 'dead-letter',
      code: 'away',
    });
  });

  it('tries again at once never for what no attempt can mend', () => {
    expect(verdictOn(new PermanentError('order.void', ''), 1, 9, LADDER)).to.deep.equal({
      kind: 'dead-letter',
      code: 'order.void',
    });
    expect(verdictOn(new InvalidMessage('message.invalid', ''), 1, 9, LADDER)).to.deep.equal({
      kind: 'dead-letter',
      code: 'message.invalid',
    });
  });

  it('waits at least as long as it is asked to, as far as the ladder reaches', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 1, max: 50 }), (retryAfterMs, attempt) => {
        const verdict = verdictOn(new TransientError('busy', '', { retryAfterMs }), attempt, 9, LADDER);
        const waits = verdict.kind === 'retry' ? (LADDER[verdict.rung] ?? 0) : 0;
        return waits >= Math.min(retryAfterMs, 30_000);
      }),
    );
  });
});
