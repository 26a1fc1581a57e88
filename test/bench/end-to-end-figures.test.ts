import { expect } from 'chai';
import { endToEndFigures } from './end-to-end-figures.js';
import type { EndToEnd } from './end-to-end-measure.js';

const MEASURED: EndToEnd = {
  shipped: 500,
  windowMs: 10_000,
  acceptedMs: { count: 500, p50: 5, p95: 8, p99: 9, max: 10 },
  shippedMs: { p50: 50, p95: 80, p99: 90 },
  costs: {
    parts: new Map([
      ['web', 1],
      ['orders', 2],
      ['email', 3],
      ['postgres', 4],
      ['provider', 0.5],
    ]),
    machine: 15,
  },
  peakBytes: new Map([
    ['web', 100_000_000],
    ['orders', 70_000_000],
    ['email', 80_000_000],
    ['provider', 900_000_000],
  ]),
  checks: [],
};

describe('what is said of orders from HTTP to shipped', () => {
  const valueAt = (key: string, measured = MEASURED): number | undefined =>
    endToEndFigures(measured, ['email', 'orders']).find((figure) => figure.key === key)?.value;

  it('is how many were shipped a second', () => {
    expect(valueAt('shippedPerSecond')).to.equal(50);
  });

  it('is what an order cost all parts, and the workers alone', () => {
    expect(valueAt('cpuMsPerOrder.all')).to.equal(21);
    expect(valueAt('cpuMsPerOrder.workers')).to.equal(10);
    expect(valueAt('cpuMsPerOrder.sandbox')).to.equal(1);
  });

  it('is no cost where the system does not tell', () => {
    expect(valueAt('cpuMsPerOrder.all', { ...MEASURED, costs: { ...MEASURED.costs, machine: Number.NaN } })).to.be.NaN;
  });

  it('is the memory of its own processes, and not of the sandbox', () => {
    expect(valueAt('peakMemoryMB.largest')).to.equal(100);
    expect(valueAt('peakMemoryMB.all')).to.equal(250);
  });

  it('names whose figures they are where there are several', () => {
    const [first] = endToEndFigures(MEASURED, ['email'], { name: 'plain', title: 'plain amqplib' });
    expect(first).to.include({ key: 'plain.shippedPerSecond', title: 'plain amqplib: through HTTP to SHIPPED' });
  });
});
