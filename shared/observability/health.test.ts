import { expect } from 'chai';
import { until } from '../../test/support/until.js';
import { keptForASecond } from './health.js';

describe('a check that is kept for a second', () => {
  it('is made once for all who ask at once, and for who asks right after', async () => {
    let made = 0;
    let answer: (value: true) => void = () => undefined;
    const check = keptForASecond(() => {
      made += 1;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const asked = [check(), check()];
    answer(true);
    expect(await Promise.all([...asked, check()])).to.deep.equal([true, true, true]);
    expect(made).to.equal(1);
  });

  it('is made again afterwards, whatever came of it', async () => {
    let made = 0;
    const check = keptForASecond(() => {
      made += 1;
      return made === 1 ? Promise.reject(new Error('away')) : Promise.resolve(true);
    });
    const away = (error: Error): string => error.message;
    expect(await Promise.all([check().catch(away), check().catch(away)])).to.deep.equal(['away', 'away']);
    await until('it is made again', async () => (await check().catch(away)) === true);
    expect(made).to.equal(2);
  });
});
