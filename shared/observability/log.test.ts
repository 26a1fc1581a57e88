import { expect } from 'chai';
import { withTrace } from './log.js';

describe('a line of the log', () => {
  const orderId = '01a1fdae-bab7-75aa-9b14-fc707aeff402';

  it('that tells of an order tells its trace', () => {
    expect(withTrace({ orderId, attempt: 1 })).to.deep.equal({
      orderId,
      attempt: 1,
      traceId: '01a1fdaebab775aa9b14fc707aeff402',
    });
  });

  it('keeps the trace that it knows, and gets none where there is no order', () => {
    const known = { orderId, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' };
    expect(withTrace(known)).to.equal(known);
    for (const fields of [{}, { orderId: null }, { orderId: 'no id' }]) expect(withTrace(fields)).to.equal(fields);
  });
});
