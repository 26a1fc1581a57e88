import { expect } from 'chai';
import fc from 'fast-check';
import { plannedOrder, plannedStock } from './requests.js';

const dice = { seed: 'warren', run: '', shortShare: 0.02, declinedShare: 0, cancelShare: 0 };
const invoice = (number: string) => ({
  number,
  customer: '17850',
  country: 'France',
  lines: [
    { sku: 'A', description: 'Mug', quantity: 1, price: 250 },
    { sku: 'A', description: 'Mug', quantity: 2, price: 255 },
  ],
});
const article = (sku: string, needed: number) => ({ sku, name: 'Mug', price: 250, prices: 2, needed });
const thousand = Array.from({ length: 1000 }, (_, at) => String(at));

describe('the order of an invoice', () => {
  it('has the invoice as reference and idempotency key, and its lines as they are', () => {
    const { idempotencyKey, request, cancel } = plannedOrder(invoice('536365'), dice);
    expect(idempotencyKey).to.equal('536365');
    expect(request).to.deep.include({
      reference: '536365',
      paymentToken: 'tok_ok',
      lines: [
        { sku: 'A', quantity: 1 },
        { sku: 'A', quantity: 2 },
      ],
    });
    expect(cancel).to.equal(false);
  });

  it('has a key of its own in a run of its own', () => {
    expect(plannedOrder(invoice('536365'), { ...dice, run: 'again' }).idempotencyKey).to.equal('again:536365');
  });

  it('is declined or cancelled for the share that was asked for, and the same ones every time', () => {
    const shares = { ...dice, declinedShare: 0.1, cancelShare: 0.3 };
    const orders = thousand.map((number) => plannedOrder(invoice(number), shares));
    expect(orders.filter(({ request }) => request.paymentToken === 'tok_declined').length).to.be.within(70, 130);
    expect(orders.filter(({ cancel }) => cancel).length).to.be.within(250, 350);
    expect(thousand.map((number) => plannedOrder(invoice(number), shares))).to.deep.equal(orders);
    expect(thousand.map((number) => plannedOrder(invoice(number), { ...shares, seed: 'other' }))).to.not.deep.equal(
      orders,
    );
  });
});

describe('the stock for a file', () => {
  it('is enough for every order, or for a short SKU never enough for all of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.string({ minLength: 1 }), (needed, sku) => {
        const { received, short } = plannedStock(article(sku, needed), { ...dice, shortShare: 0.5 });
        return short ? received < needed : received === needed;
      }),
    );
  });

  it('is short for the share that was asked for', () => {
    const short = (shortShare: number): number =>
      thousand.filter((sku) => plannedStock(article(sku, 10), { ...dice, shortShare }).short).length;
    expect(short(0)).to.equal(0);
    expect(short(1)).to.equal(1000);
    expect(short(0.1)).to.be.within(70, 130);
  });

  it('has a receipt with another key for another number of pieces', () => {
    const key = (needed: number): string => plannedStock(article('BANK CHARGES', needed), dice).idempotencyKey;
    expect(key(5)).to.equal('stock:BANK%20CHARGES:5');
    expect(key(6)).to.not.equal(key(5));
  });
});
