import { expect } from 'chai';
import { lazily } from './lazily.js';

describe('what is made lazily', () => {
  it('is made when it is first asked for, and is the same for all', async () => {
    let made = 0;
    const ask = lazily(async () => {
      made += 1;
      return { made };
    });
    expect(made).to.equal(0);
    const [first, second] = await Promise.all([ask(), ask()]);
    expect([first === second, made, await ask()]).to.deep.equal([true, 1, { made: 1 }]);
  });

  it('is made anew after it has failed', async () => {
    const outcomes = [Promise.reject(new Error('no file')), Promise.resolve('there')];
    const ask = lazily(() => outcomes.shift() ?? Promise.reject(new Error('asked too often')));
    const failed = await ask().catch((error: Error) => error.message);
    expect([failed, await ask(), await ask()]).to.deep.equal(['no file', 'there', 'there']);
  });
});
