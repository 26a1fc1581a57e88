import { expect } from 'chai';
import { mergeLines } from './order-request.js';

describe('lines of an order request', () => {
  it('become one a SKU, in the order in which SKUs first came', () => {
    const { lines, faults } = mergeLines([
      { sku: 'CUP', quantity: 1 },
      { sku: 'JUG', quantity: 2 },
      { sku: 'CUP', quantity: 3 },
      { sku: 'cup', quantity: 5 },
    ]);
    expect(faults).to.deep.equal([]);
    expect(lines).to.deep.equal([
      { sku: 'CUP', quantity: 4, index: 0 },
      { sku: 'JUG', quantity: 2, index: 1 },
      { sku: 'cup', quantity: 5, index: 3 },
    ]);
  });

  it('are refused at the line that brings a SKU above a million pieces', () => {
    const { faults } = mergeLines([
      { sku: 'CUP', quantity: 600_000 },
      { sku: 'CUP', quantity: 400_000 },
      { sku: 'CUP', quantity: 1 },
    ]);
    expect(faults).to.have.length(1);
    expect(faults[0]).to.have.property('pointer', '/lines/2/quantity');
  });
});
