import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { missing } from './reservation.js';

describe('a reservation', () => {
  const onHand = new Map([
    ['A', 2],
    ['B', 5],
  ]);

  it('misses nothing when each line is on hand, to the last piece', () => {
    assert.deepEqual(
      missing(
        [
          { sku: 'A', quantity: 2 },
          { sku: 'B', quantity: 1 },
        ],
        onHand,
      ),
      [],
    );
  });

  it('misses what is short and what nobody ever received', () => {
    assert.deepEqual(
      missing(
        [
          { sku: 'A', quantity: 3 },
          { sku: 'C', quantity: 1 },
        ],
        onHand,
      ),
      ['A', 'C'],
    );
  });
});
