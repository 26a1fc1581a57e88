import { expect } from 'chai';
import { measuredCosts, NothingMeasured } from './measured-costs.js';
import { resultOf } from './test-results.js';

describe('measured costs', () => {
  it('are of the newest drain, with what the fleet takes at rest and under little load where that was measured', () => {
    const costs = measuredCosts([resultOf('cost'), resultOf('idle'), resultOf('drain')]);
    const email = costs.cores.get('email');
    expect(email?.(0)).to.be.closeTo(0.002, 1e-9);
    expect(email?.(50)).to.be.closeTo(0.045, 1e-9);
    expect(email?.(600)).to.be.closeTo(0.24, 1e-9);
    expect(costs.from).to.deep.equal([
      'drain.json at 600 orders/s, 2 lines an order',
      'cost.json at 50 orders/s, 2 lines an order',
      'idle.json at rest',
    ]);
  });

  it('count what taking an order in costs web and the servers', () => {
    const costs = measuredCosts([resultOf('drain')]);
    expect(costs.cores.get('web')?.(1000)).to.be.closeTo(0.16, 1e-9);
    expect(costs.cores.get('postgres')?.(600)).to.be.closeTo(0.36, 1e-9);
  });

  it('are of Warren only', () => {
    const costs = measuredCosts([resultOf('drain')]);
    expect(costs.workers).to.deep.equal(['email', 'orders', 'scheduler']);
    expect([...costs.cores.keys()]).not.to.include.members(['provider']);
  });

  it('are refused where there are none, or not all', () => {
    expect(() => measuredCosts([resultOf('idle')])).to.throw(NothingMeasured, 'drain --save');
    const { path, result } = resultOf('drain');
    const scenarios = result.scenarios.map((one) => ({ ...one, figures: { ...one.figures, coresBusy: null } }));
    expect(() => measuredCosts([{ path, result: { ...result, scenarios } }])).to.throw(NothingMeasured, 'coresBusy');
  });
});
