import { expect } from 'chai';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { sampler } from './sampling.js';

describe('sampling', () => {
  it('takes all, none, or about the share that is asked for', () => {
    const ids = Array.from({ length: 20_000 }, () => v7());
    const taken = (ratio: number): number => ids.filter(sampler(ratio)).length;
    expect(taken(1)).to.equal(ids.length);
    expect(taken(0)).to.equal(0);
    // Ten standard deviations on either side.
    expect(taken(0.1)).to.be.within(1575, 2425);
  });

  it('takes whatever a smaller share takes', () => {
    fc.assert(
      fc.property(
        fc.uuid(),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (id, a, b) => {
          const [less, more] = a < b ? [a, b] : [b, a];
          if (sampler(less)(id)) expect(sampler(more)(id)).to.equal(true);
        },
      ),
    );
  });

  it('leaves out what is no id', () => {
    for (const odd of [undefined, '', 'not an order']) expect(sampler(1)(odd)).to.equal(false);
  });
});
