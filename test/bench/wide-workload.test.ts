import { expect } from 'chai';
import { linesOf, wideWorkload } from './wide-workload.js';

describe('the wide orders of the bench', () => {
  const orders = [...wideWorkload(3000).orders(3000, 0)];
  const widths = orders.map(({ request }) => request.lines.length).sort((a, b) => a - b);
  const widthAt = (share: number): number => widths[Math.ceil(share * widths.length) - 1] ?? Number.NaN;

  it('are the same every time, whichever is asked for', () => {
    expect([...wideWorkload(3000).orders(10, 100)]).to.deep.equal(orders.slice(100, 110));
  });

  it('are as wide as those of the data set: half up to 14 lines, one in ten above 48, the widest near 674', () => {
    expect(widthAt(0.5)).to.be.within(12, 16);
    expect(widthAt(0.9)).to.be.within(42, 54);
    expect(widthAt(1)).to.be.within(600, 674);
    expect(linesOf(orders) / orders.length).to.be.within(24, 29.5);
  });

  it('want a tenth of the SKUs in about four lines of ten, and have each on its shelf', () => {
    const { stock } = wideWorkload(3000);
    const wanted = new Map<string, { lines: number; pieces: number }>();
    for (const { sku, quantity } of orders.flatMap(({ request }) => request.lines)) {
      const { lines = 0, pieces = 0 } = wanted.get(sku) ?? {};
      wanted.set(sku, { lines: lines + 1, pieces: pieces + quantity });
    }
    const counts = [...wanted.values()].map(({ lines }) => lines).sort((a, b) => b - a);
    const tenth = counts.slice(0, stock.length / 10).reduce((sum, lines) => sum + lines, 0);
    expect(tenth / linesOf(orders)).to.be.within(0.3, 0.45);
    const received = new Map(stock.map((shelf) => [shelf.sku, shelf.received]));
    for (const [sku, { pieces }] of wanted) expect(received.get(sku)).to.be.at.least(pieces);
  });

  it('count a SKU that an order names twice as one line', () => {
    const [order] = orders;
    if (order === undefined) throw new RangeError('there is an order');
    const [line] = order.request.lines;
    if (line === undefined) throw new RangeError('it has a line');
    expect(linesOf([{ ...order, request: { ...order.request, lines: [line, line] } }])).to.equal(1);
  });
});
