import { expect } from 'chai';
import fc from 'fast-check';
import { loadCurve } from './load-curve.js';

const rest = { ordersPerSecond: 0, cores: 0.01 };

describe('a load curve', () => {
  it('goes through what was measured, and beyond it at the cost of an order that was measured last', () => {
    const busy = loadCurve([{ ordersPerSecond: 500, cores: 0.26 }, rest, { ordersPerSecond: 50, cores: 0.06 }]);
    expect(busy(0)).to.equal(0.01);
    expect(busy(25)).to.be.closeTo(0.035, 1e-9);
    expect(busy(50)).to.be.closeTo(0.06, 1e-9);
    expect(busy(500)).to.be.closeTo(0.26, 1e-9);
    expect(busy(1000)).to.be.closeTo(0.51, 1e-9);
  });

  it('takes a point that bends it upwards for noise', () => {
    const busy = loadCurve([rest, { ordersPerSecond: 50, cores: 0.011 }, { ordersPerSecond: 500, cores: 0.26 }]);
    expect(busy(50)).to.be.closeTo(0.035, 1e-9);
  });

  it('never falls, and is never above what several processes with a share each take together', () => {
    const points = fc.array(
      fc.record({
        ordersPerSecond: fc.integer({ min: 1, max: 5000 }),
        cores: fc.double({ min: 1e-6, max: 4, noNaN: true }),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const rates = fc.tuple(fc.double({ min: 0, max: 1e5, noNaN: true }), fc.double({ min: 0, max: 1e5, noNaN: true }));
    fc.assert(
      fc.property(points, rates, fc.integer({ min: 1, max: 50 }), (measured, [one, other], processes) => {
        const busy = loadCurve([rest, ...measured]);
        const [less, more] = [Math.min(one, other), Math.max(one, other)];
        expect(busy(less)).to.be.at.most(busy(more) + 1e-9);
        expect(busy(more)).to.be.at.most(processes * busy(more / processes) + 1e-6);
      }),
    );
  });

  it('needs a point at rest and one that is not', () => {
    expect(() => loadCurve([rest])).to.throw(RangeError);
    expect(() => loadCurve([{ ordersPerSecond: 50, cores: 1 }])).to.throw(RangeError);
  });
});
