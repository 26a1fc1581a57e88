import { expect } from 'chai';
import { orderTrace } from './order-trace.js';

const ORDER = '01a1fdae-bab7-75aa-9b14-fc707aeff402';

describe('the trace of an order', () => {
  it('is linked to where the viewer wants its id, and says whether the order is traced', () => {
    const setting = { viewerUrl: 'https://traces.example/{traceId}?again={traceId}', ratio: 1 };
    const id = '01a1fdaebab775aa9b14fc707aeff402';
    expect(orderTrace(ORDER, setting)).to.deep.equal({
      id,
      sampled: true,
      url: `https://traces.example/${id}?again=${id}`,
    });
    expect(orderTrace(ORDER, { ...setting, ratio: 0 }).sampled).to.equal(false);
  });

  it('is linked to nowhere while no viewer is set', () => {
    expect(orderTrace(ORDER, { viewerUrl: undefined, ratio: 1 }).url).to.equal(null);
  });
});
