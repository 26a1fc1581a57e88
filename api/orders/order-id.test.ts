import { expect } from 'chai';
import { v4, v7 } from 'uuid';
import { Problem } from '../problem.js';
import { leastMessageId, orderIdOf } from './order-id.js';

describe('an order id', () => {
  it('is read from a path whatever its case', () => {
    const id = v7();
    expect(orderIdOf({ id: id.toUpperCase() })).to.equal(id);
  });

  it('that cannot be one is nobody’s order', () => {
    for (const id of ['', 'x', v4(), `${v7()}0`, "' or 1=1", '\u0000'])
      expect(() => orderIdOf({ id }), id)
        .to.throw(Problem)
        .with.property('code', 'order.not-found');
  });

  it('bounds its messages’ ids from below by a day before the oldest order', () => {
    const day = 24 * 60 * 60 * 1000;
    const now = Date.UTC(2026, 5, 1);
    const [earlier, later] = [v7({ msecs: now }), v7({ msecs: now + day })];
    const least = leastMessageId([later, earlier]);
    expect(least < v7({ msecs: now - day + 1 })).to.equal(true);
    expect(least > v7({ msecs: now - day - 1 })).to.equal(true);
  });
});
