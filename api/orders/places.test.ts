import { expect } from 'chai';
import fc from 'fast-check';
import { Places } from './places.js';

const takeAll = (places: Places, storefront: string): number => {
  for (let taken = 0; ; taken += 1) if (places.take(storefront) !== 'taken') return taken;
};

describe('places', () => {
  it('are half of all for one storefront, and half of what is left for the next', () => {
    const places = new Places(64);
    expect(['one', 'two', 'three'].map((name) => takeAll(places, name))).to.deep.equal([32, 16, 8]);
    expect(places.take('one')).to.equal('share');
    expect(places.take('four')).to.equal('taken');
  });

  it('are full for who has none when all are taken', () => {
    const places = new Places(2);
    expect([places.take('one'), places.take('two'), places.take('three')]).to.deep.equal(['taken', 'taken', 'full']);
  });

  it('that are left are there for all', () => {
    const places = new Places(4);
    takeAll(places, 'one');
    places.leave('one');
    places.leave('one');
    expect([takeAll(places, 'two'), takeAll(places, 'one')]).to.deep.equal([2, 1]);
  });

  it('are never more than there are, whoever takes and leaves', () => {
    const steps = fc.array(fc.record({ who: fc.constantFrom('a', 'b', 'c'), leaves: fc.boolean() }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), steps, (atMost, taken) => {
        const places = new Places(atMost);
        const held = { a: 0, b: 0, c: 0 } as Record<string, number>;
        for (const { who, leaves } of taken) {
          const own = held[who] ?? 0;
          const free = atMost - Object.values(held).reduce((sum, one) => sum + one, 0);
          if (leaves && own > 0) {
            places.leave(who);
            held[who] = own - 1;
          } else if (!leaves) {
            const got = places.take(who);
            expect(got).to.equal(free === 0 ? 'full' : own < free ? 'taken' : 'share');
            if (got === 'taken') held[who] = own + 1;
          }
        }
      }),
    );
  });
});
