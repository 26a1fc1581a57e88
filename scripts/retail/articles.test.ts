import { expect } from 'chai';
import { articlesOf } from './articles.js';
import { buyerOf } from './customer.js';

const line = (sku: string, price: number, quantity: number, description = '') => ({
  sku,
  price,
  quantity,
  description,
});
const invoice = (number: string, ...lines: ReturnType<typeof line>[]) => ({
  number,
  customer: '',
  country: 'France',
  lines,
});

describe('the articles of a set of invoices', () => {
  it('have one price and one name: the most frequent, and of equally frequent ones the first', () => {
    const articles = articlesOf([
      invoice('1', line('A', 300, 1, 'red mug'), line('B', 500, 1)),
      invoice('2', line('A', 255, 2, 'MUG'), line('A', 255, 3, 'MUG'), line('B', 400, 1)),
    ]);
    expect(articles).to.deep.equal([
      { sku: 'A', name: 'MUG', price: 255, prices: 2, needed: 6 },
      { sku: 'B', name: 'Article B', price: 500, prices: 2, needed: 2 },
    ]);
  });
});

describe('the buyer of an invoice', () => {
  it('is the same person in every invoice of a customer, and another one for every guest', () => {
    const buyer = (number: string, customer: string) => buyerOf({ number, customer, country: 'Germany' });
    expect(buyer('1', '17850')).to.deep.equal(buyer('2', '17850'));
    expect(buyer('1', '').customer.email).to.not.equal(buyer('2', '').customer.email);
  });

  it('lives in the country of the invoice; at home when that is unspecified', () => {
    const home = (country: string) => buyerOf({ number: '1', customer: '2', country }).shippingAddress;
    expect(home('EIRE')).to.include({ country: 'IE', city: 'Cork' });
    expect(home('Unspecified').country).to.equal('GB');
    expect(home('Netherlands').postalCode).to.match(/^3\d{3} [A-Z]{2}$/);
  });

  it('has an e-mail address that is one, whatever the customer is called', () => {
    const { email } = buyerOf({ number: '1', customer: 'Ö "x" @\r\n', country: 'France' }).customer;
    expect(email).to.match(/^[a-z0-9-]+@example\.com$/);
  });
});
