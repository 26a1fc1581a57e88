import { expect } from 'chai';
import { fitting } from './fitting.js';

const count = (items: readonly number[], most: number, size: number): number =>
  fitting(items, { most, size, sizeOf: (item) => item });

describe('what is taken together', () => {
  it('is bounded in number and in size', () => {
    expect(count([1, 1, 1, 1], 3, 10)).to.equal(3);
    expect(count([4, 4, 4, 4], 10, 8)).to.equal(2);
    expect(count([4, 4], 10, 8)).to.equal(2);
    expect(count([], 10, 8)).to.equal(0);
  });

  it('is one at least, however large it is and however little room there is', () => {
    expect(count([100, 1], 10, 8)).to.equal(1);
    expect(count([100, 1], 10, 0)).to.equal(1);
  });
});
