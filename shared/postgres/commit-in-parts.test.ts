import { expect } from 'chai';
import { type AfterFailure, commitInParts, type FailedTry } from './commit-in-parts.js';
import { VersionConflict } from './failure.js';

describe('a commit in parts', () => {
  let tried: string[];
  let failed: FailedTry<string>[];
  beforeEach(() => {
    tried = [];
    failed = [];
  });

  /** Each try of a part with a bad one in it fails with what the bad one has left, the last of it for ever. */
  const commit = (
    batch: string,
    bad: Record<string, Error[]>,
    after: AfterFailure = 'again',
  ): Promise<readonly string[]> =>
    commitInParts([...batch], {
      commit: async (part) => {
        tried.push(part.join(''));
        for (const one of part) {
          const errors = bad[one] ?? [];
          const error = errors.length > 1 ? errors.shift() : errors[0];
          if (error !== undefined) throw error;
        }
        return part.join('');
      },
      onFailure: (failure) => {
        failed.push(failure);
        return after;
      },
      refuse: (one) => `-${one}`,
    });

  it('is halved down to the one that a statement fails for, in the order of the batch', async () => {
    expect(await commit('abcde', { d: [new TypeError('bad')] })).to.deep.equal(['abc', '-d', 'e']);
    expect(tried).to.deep.equal(['abcde', 'abc', 'de', 'd', 'e']);
    expect(failed).to.have.length(0);
  });

  it('tries a conflict four times again before it halves', async () => {
    expect(await commit('ab', { b: [new VersionConflict('moved')] })).to.deep.equal(['a', '-b']);
    expect(tried.filter((part) => part === 'ab')).to.have.length(5);
  });

  it('tries again for as long as its owner wants while the database is away, and says how often', async () => {
    const away = Array.from({ length: 9 }, () => new Error('ECONNREFUSED'));
    await commitInParts(['a'], {
      commit: async () => {
        const error = away.shift();
        if (error !== undefined) throw error;
      },
      onFailure: ({ kind, times }) => {
        expect([kind, times]).to.deep.equal(['unavailable', 9 - away.length]);
        return 'again';
      },
      refuse: () => expect.fail('nothing is wrong with it'),
    });
    expect(away).to.have.length(0);
  });

  it('is tried no more when its owner gives it up, nor halved', async () => {
    expect(await commit('ab', { b: [new Error('ECONNREFUSED')] }, 'given-up')).to.deep.equal([]);
    expect(tried).to.deep.equal(['ab']);
    expect(failed).to.have.length(1);
  });
});
