import { expect } from 'chai';
import { repeated } from './repeated.js';

describe('invoices over and over', () => {
  const invoices = ['1', '2'].map((number) => ({ number, customer: '', country: '', lines: [] }));

  it('come in their order, and have another number each time', () => {
    expect(repeated(invoices, 5).map(({ number }) => number)).to.deep.equal(['1-1', '1-2', '2-1', '2-2', '3-1']);
  });

  it('are refused when there is none', () => {
    expect(() => repeated([], 1)).to.throw(RangeError);
  });
});
