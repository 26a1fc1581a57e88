import { expect } from 'chai';
import { v7 } from 'uuid';
import { aboutMessage } from './about-message.js';

describe('a message in a line of the log', () => {
  const named = { messageId: v7(), correlationId: v7() };
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

  it('is named with the trace that it is in', () => {
    expect(aboutMessage({ ...named, headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-00` } })).to.deep.equal({
      orderId: named.correlationId,
      traceId,
      messageId: named.messageId,
    });
  });

  it('is named without what a foreign publisher left out, or made up', () => {
    expect(
      aboutMessage({ messageId: undefined, correlationId: null, headers: { traceparent: 'nonsense' } }),
    ).to.deep.equal({
      orderId: undefined,
      messageId: undefined,
    });
  });
});
