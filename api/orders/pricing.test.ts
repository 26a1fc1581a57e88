import { expect } from 'chai';
import { Problem } from '../problem.js';
import { price } from './pricing.js';

const pounds = (amount: number) => ({ amount, currency: 'GBP' });
const line = (sku: string, quantity: number, index = 0) => ({ sku, quantity, index });

describe('the price of an order', () => {
  it('is the sum over its lines at the catalogue’s prices', () => {
    const priced = price(
      [line('CUP', 3), line('JUG', 1)],
      new Map([
        ['CUP', pounds(850)],
        ['JUG', pounds(3600)],
        ['HAT', pounds(1)],
      ]),
    );
    expect(priced).to.deep.equal({
      lines: [
        { sku: 'CUP', quantity: 3, unitPrice: 850 },
        { sku: 'JUG', quantity: 1, unitPrice: 3600 },
      ],
      total: { amount: 6150, currency: 'GBP' },
    });
  });

  it('may be made of free lines, but is not nothing', () => {
    const prices = new Map([
      ['CUP', pounds(850)],
      ['CARD', pounds(0)],
    ]);
    expect(price([line('CARD', 1), line('CUP', 1)], prices)).to.have.nested.property('total.amount', 850);
    expect(refusal(price([line('CARD', 1)], prices))).to.equal('order.total-out-of-range');
  });

  it('is refused with every SKU that is unknown, each at the line that named it first', () => {
    const refused = price([line('NOPE', 1, 2), line('CUP', 1, 3), line('GONE', 1, 7)], new Map([['CUP', pounds(1)]]));
    expect(refusal(refused)).to.equal('order.unknown-sku');
    expect(refused).to.have.deep.property('faults', [
      { pointer: '/lines/2/sku', detail: 'NOPE is not in the catalogue' },
      { pointer: '/lines/7/sku', detail: 'GONE is not in the catalogue' },
    ]);
  });

  it('is refused in two currencies', () => {
    const prices = new Map([
      ['CUP', pounds(850)],
      ['HAT', { amount: 1, currency: 'EUR' }],
    ]);
    const refused = price([line('CUP', 1, 0), line('HAT', 1, 1)], prices);
    expect(refusal(refused)).to.equal('order.mixed-currencies');
    expect(refused).to.have.nested.property('faults[0].pointer', '/lines/1/sku');
  });

  it('reaches to 2^53 - 1 and no further', () => {
    const prices = new Map([
      ['MOST', pounds(Number.MAX_SAFE_INTEGER)],
      ['ONE', pounds(1)],
    ]);
    expect(price([line('MOST', 1)], prices)).to.have.nested.property('total.amount', Number.MAX_SAFE_INTEGER);
    expect(refusal(price([line('MOST', 1), line('ONE', 1)], prices))).to.equal('order.total-out-of-range');
    expect(refusal(price([line('MOST', 1_000_000)], prices))).to.equal('order.total-out-of-range');
  });
});

const refusal = (priced: unknown): unknown => (priced instanceof Problem ? priced.code : priced);
