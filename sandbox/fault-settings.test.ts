import { expect } from 'chai';
import { FaultSettings } from './fault-settings.js';
import { InvalidRequest } from './http.js';

const settings = () => new FaultSettings({ latencyMs: 1_000, errorRate: 1 }, { latencyMs: 0, errorRate: 0 }, 7);

describe('FaultSettings', () => {
  it('repeats the same chance from the same seed, and another from another', () => {
    const rolls = (seed: number) => {
      const some = settings();
      some.change({ seed });
      return Array.from({ length: 20 }, () => some.roll());
    };
    expect(rolls(42)).to.deep.equal(rolls(42));
    expect(rolls(42)).to.not.deep.equal(rolls(43));
  });

  it('rolls evenly between 0 and 1', () => {
    const some = settings();
    const rolls = Array.from({ length: 10_000 }, () => some.roll());
    expect(Math.min(...rolls)).to.be.within(0, 0.01);
    expect(Math.max(...rolls)).to.be.within(0.99, 1 - Number.EPSILON);
    expect(rolls.filter((roll) => roll < 0.3).length / rolls.length).to.be.closeTo(0.3, 0.02);
  });

  for (const body of [
    { errorRate: 1.1 },
    { latencyMs: -1 },
    { errorRate: '0' },
    { other: 1 },
    { __proto__: null, toString: 1 },
    null,
    3,
  ]) {
    it(`refuses ${JSON.stringify(body)} and changes nothing, not even what was right in it`, () => {
      const some = settings();
      const before = some.values;
      const change = () => some.change(typeof body === 'object' && body ? { latencyMs: 5, ...body } : body);
      expect(change).to.throw(InvalidRequest);
      expect(some.values).to.deep.equal(before);
    });
  }
});
