import { expect } from 'chai';
import fc from 'fast-check';
import { MOVES, shortages } from './reservation.js';

const stock = new Map([
  ['mug', { onHand: 5, reserved: 1, shipped: 0 }],
  ['tea', { onHand: 0, reserved: 3, shipped: 9 }],
]);
const levelOf = (sku: string) => stock.get(sku);

describe('stock', () => {
  it('is short of what exceeds the pieces on hand, and of what nobody received', () => {
    expect(shortages([{ sku: 'mug', quantity: 5 }], levelOf)).to.deep.equal([]);
    expect(
      shortages(
        [
          { sku: 'mug', quantity: 6 },
          { sku: 'tea', quantity: 1 },
          { sku: 'hat', quantity: 2 },
        ],
        levelOf,
      ),
    ).to.deep.equal([
      { sku: 'mug', requested: 6, available: 5 },
      { sku: 'tea', requested: 1, available: 0 },
      { sku: 'hat', requested: 2, available: 0 },
    ]);
  });

  it('moves from on hand to reserved, and from there back or out', () => {
    const level = { onHand: 5, reserved: 1, shipped: 0 };
    const reserved = MOVES.reserved(level, 2);
    expect(reserved).to.deep.equal({ onHand: 3, reserved: 3, shipped: 0 });
    expect(MOVES.released(reserved, 2)).to.deep.equal(level);
    expect(MOVES.shipped(reserved, 2)).to.deep.equal({ onHand: 3, reserved: 1, shipped: 2 });
  });

  it('refuses to give away what is not there', () => {
    expect(() => MOVES.reserved({ onHand: 1, reserved: 0, shipped: 0 }, 2)).to.throw(RangeError);
    expect(() => MOVES.released({ onHand: 1, reserved: 1, shipped: 0 }, 2)).to.throw(RangeError);
    expect(() => MOVES.shipped({ onHand: 1, reserved: 1, shipped: 0 }, 2)).to.throw(RangeError);
  });

  it('is neither made nor lost, nor ever below zero, whatever moves are tried', () => {
    const move = fc.record({
      kind: fc.constantFrom('reserved', 'released', 'shipped'),
      quantity: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.nat(50), fc.array(move, { maxLength: 50 }), (received, moves) => {
        let level = { onHand: received, reserved: 0, shipped: 0 };
        for (const { kind, quantity } of moves) {
          try {
            level = MOVES[kind as keyof typeof MOVES](level, quantity);
          } catch (error) {
            expect(error).to.be.instanceOf(RangeError);
          }
          expect(level.onHand + level.reserved + level.shipped).to.equal(received);
          expect(Math.min(level.onHand, level.reserved, level.shipped)).to.be.at.least(0);
        }
      }),
    );
  });
});
