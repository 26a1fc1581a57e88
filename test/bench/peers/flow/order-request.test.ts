import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mergeLines, price } from './order-request.js';

describe('an order request', () => {
  it('comes to one line a SKU', () => {
    const lines = [
      { sku: 'A', quantity: 1 },
      { sku: 'B', quantity: 2 },
      { sku: 'A', quantity: 3 },
    ];
    assert.deepEqual(mergeLines(lines), [
      { sku: 'A', quantity: 4 },
      { sku: 'B', quantity: 2 },
    ]);
  });

  it('costs what its pieces cost, and nothing can be asked for what the catalogue lacks', () => {
    const prices = new Map([['A', { amount: 250, currency: 'GBP' }]]);
    assert.deepEqual(price([{ sku: 'A', quantity: 2 }], prices)?.total, { amount: 500, currency: 'GBP' });
    assert.equal(price([{ sku: 'B', quantity: 1 }], prices), undefined);
  });
});
