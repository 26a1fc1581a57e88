import { expect } from 'chai';
import { perSecond, UnderWay } from './allowance.js';

describe('what the bench may place', () => {
  it('is so much a second', () => {
    expect(perSecond(50, 1000).allowed(3000)).to.equal(100);
    expect(perSecond(50, 1000, 40).allowed(3000)).to.equal(140);
  });

  describe('of orders under way', () => {
    it('is the limit before anything is shipped', () => {
      expect(new UnderWay(2000).allowed(500)).to.equal(2000);
    });

    it('grows by what is shipped, and between looks as between the two before', () => {
      const underWay = new UnderWay(2000);
      underWay.note(0, 1000);
      underWay.note(900, 2000);
      expect(underWay.allowed(2000)).to.equal(2900);
      expect(underWay.allowed(2500)).to.equal(3350);
    });

    it('grows no further when the next look is late', () => {
      const underWay = new UnderWay(2000);
      underWay.note(0, 1000);
      underWay.note(900, 2000);
      expect(underWay.allowed(9000)).to.equal(underWay.allowed(3000));
    });
  });
});
