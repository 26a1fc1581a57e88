import { expect } from 'chai';
import { type Column, readLine } from './line.js';

const ARTICLE: Record<Column, string> = {
  InvoiceNo: '536365',
  StockCode: '85123A',
  Description: 'WHITE HANGING HEART T-LIGHT HOLDER',
  Quantity: '6',
  UnitPrice: '2.55',
  CustomerID: '17850',
  Country: 'United Kingdom',
};
const priceOf = (UnitPrice: string): number | string => {
  const line = readLine({ ...ARTICLE, UnitPrice });
  return typeof line === 'string' ? line : line.price;
};

describe('a line of the data set', () => {
  it('is an order line with its price in pence', () => {
    expect(readLine(ARTICLE)).to.deep.equal({
      invoice: '536365',
      sku: '85123A',
      description: 'WHITE HANGING HEART T-LIGHT HOLDER',
      quantity: 6,
      price: 255,
      customer: '17850',
      country: 'United Kingdom',
    });
  });

  it('has an exact price, whatever a binary fraction would make of it', () => {
    expect(['0.29', '1.1', '13541.33', '8', '0.07', '1.005', '0.004'].map(priceOf)).to.deep.equal([
      29,
      110,
      1354133,
      800,
      7,
      101,
      'no price',
    ]);
  });

  it('is skipped when it takes back goods, has no price or has no quantity, in this order', () => {
    expect(readLine({ ...ARTICLE, InvoiceNo: 'C536379', Quantity: '-1', UnitPrice: '0' })).to.equal('cancellation');
    expect(readLine({ ...ARTICLE, Quantity: '-10', UnitPrice: '0' })).to.equal('no price');
    expect(readLine({ ...ARTICLE, UnitPrice: '-11062.06' })).to.equal('no price');
    expect(readLine({ ...ARTICLE, Quantity: '-10' })).to.equal('no quantity');
    expect(readLine({ ...ARTICLE, Quantity: '0' })).to.equal('no quantity');
  });

  it('is skipped as unreadable when a field is missing or is not what its column says', () => {
    const broken: Partial<Record<Column, string | undefined>>[] = [
      { Country: undefined },
      { StockCode: ' ' },
      { StockCode: 'x'.repeat(65) },
      { StockCode: 'a\u0000b' },
      { InvoiceNo: '' },
      { Quantity: '1.5' },
      { Quantity: '' },
      { UnitPrice: '2,55' },
      { UnitPrice: '1e3' },
    ];
    expect(broken.map((fields) => readLine({ ...ARTICLE, ...fields }))).to.deep.equal(broken.map(() => 'unreadable'));
  });

  it('is ordered like an article when its code is none but it was charged', () => {
    expect(readLine({ ...ARTICLE, StockCode: 'BANK CHARGES', UnitPrice: '15' })).to.include({
      sku: 'BANK CHARGES',
      price: 1500,
    });
  });

  it('keeps no control character of its description', () => {
    expect(readLine({ ...ARTICLE, Description: ' PINK\u0007\tMUG ' })).to.include({ description: 'PINK MUG' });
  });
});
