import { expect } from 'chai';
import { benchOrders, benchStock } from './workload.js';

describe('the workload of the bench', () => {
  const orders = [...benchOrders(2000, 2, 100)];

  it('is the same every time', () => {
    expect([...benchOrders(2000, 2, 100)]).to.deep.equal(orders);
  });

  it('has so many lines an order, each of another SKU of the catalogue', () => {
    const catalogue = new Set(benchStock(100, 2000, 2).map(({ sku }) => sku));
    for (const { request } of orders) {
      const skus = new Set(request.lines.map(({ sku }) => sku));
      expect(skus.size).to.equal(2);
      expect([...skus].every((sku) => catalogue.has(sku))).to.equal(true);
    }
  });

  it('wants every SKU about as often as any other, and has plenty of each', () => {
    const wanted = new Map<string, number>();
    for (const { sku, quantity } of orders.flatMap(({ request }) => request.lines))
      wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
    expect(wanted.size).to.equal(100);
    expect(Math.max(...wanted.values())).to.be.below(3 * Math.min(...wanted.values()));
    for (const { sku, received } of benchStock(100, 2000, 2)) expect(received).to.be.above(wanted.get(sku) ?? 0);
  });
});
