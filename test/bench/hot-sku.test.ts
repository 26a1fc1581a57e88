import { expect } from 'chai';
import { hotWorkload } from './hot-sku.js';

describe('orders that all want one SKU', () => {
  const options = { orders: 500, warmUp: 100, lines: 3 };
  const { stock, orders } = hotWorkload(options, 350);
  const received = new Map(stock.map((shelf) => [shelf.sku, shelf.received]));
  const wanted = new Map<string, number>();
  for (const { sku, quantity } of [...orders(600, 0)].flatMap(({ request }) => request.lines))
    wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
  const short = [...wanted].filter(([sku, pieces]) => pieces > (received.get(sku) ?? 0));

  it('want a piece of it each, so that as many can be shipped as there are pieces of it', () => {
    expect(short.map(([sku, pieces]) => [pieces, received.get(sku)])).to.deep.equal([[600, 350]]);
  });

  it('have as many lines as others, each of another SKU', () => {
    for (const { request } of orders(600, 0)) expect(new Set(request.lines.map(({ sku }) => sku)).size).to.equal(3);
  });
});
