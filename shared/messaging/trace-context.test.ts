import { expect } from 'chai';
import fc from 'fast-check';
import { v7 } from 'uuid';
import { newId } from './message-id.js';
import {
  causeOf,
  creationOf,
  placingOf,
  readTraceparent,
  sentAnew,
  traceIdOf,
  traceparentOf,
} from './trace-context.js';

const ORDER = '01a1fdae-bab7-75aa-9b14-fc707aeff402';
const MESSAGE = '01a1fdae-bab8-75aa-8c25-0d818bf00513';

describe("a message's trace context", () => {
  it("is the order's id for the trace, and the second half of the message's for the span", () => {
    expect(creationOf({ id: MESSAGE, correlationId: ORDER })).to.deep.equal({
      traceId: '01a1fdaebab775aa9b14fc707aeff402',
      spanId: '8c250d818bf00513',
    });
  });

  it('is read back as it was written, whatever the ids', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.boolean(), (id, correlationId, sampled) => {
        const context = creationOf({ id, correlationId });
        expect(readTraceparent(traceparentOf(context, sampled))).to.deep.equal({ ...context, sampled });
      }),
    );
  });

  it('is another one for each message that is made', () => {
    const spans = Array.from({ length: 10_000 }, () => creationOf({ id: newId(), correlationId: ORDER }).spanId);
    expect(new Set(spans).size).to.equal(spans.length);
    expect(spans).not.to.include(placingOf(ORDER).spanId);
  });

  it('follows from its cause, and without one from the request that placed the order', () => {
    const causationId = v7();
    expect(causeOf({ causationId, correlationId: ORDER })).to.deep.equal(
      creationOf({ id: causationId, correlationId: ORDER }),
    );
    expect(causeOf({ causationId: null, correlationId: ORDER })).to.deep.equal(placingOf(ORDER));
  });

  it('is a trace of its own for each time that it is sent anew, the same for the same time', () => {
    const before = traceparentOf(creationOf({ id: MESSAGE, correlationId: ORDER }), true);
    const second = sentAnew(before, 'attempt 2');
    expect(second).to.deep.equal(sentAnew(before, 'attempt 2'));
    const third = sentAnew(traceparentOf(second, true), 'attempt 3');
    expect(new Set([traceIdOf(ORDER), second.traceId, third.traceId]).size).to.equal(3);
    expect(readTraceparent(traceparentOf(third, false))).to.deep.equal({ ...third, sampled: false });
  });
});

describe('a traceparent from outside', () => {
  const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

  it('is taken also in a later version that says more', () => {
    for (const header of [`00-${trace}-${span}-01`, `01-${trace}-${span}-03-more`])
      expect(readTraceparent(header)).to.deep.equal({ traceId: trace, spanId: span, sampled: true });
  });

  it('counts for none when W3C calls it invalid', () => {
    const zero = '0'.repeat(32);
    const invalid = [
      undefined,
      '',
      7,
      `00-${trace}-${span}`,
      `00-${trace}-${span}-01-more`,
      `ff-${trace}-${span}-01`,
      `00-${trace.toUpperCase()}-${span}-01`,
      `00-${zero}-${span}-01`,
      `00-${trace}-${zero.slice(16)}-01`,
    ];
    for (const header of invalid) expect(readTraceparent(header)).to.equal(undefined);
  });
});
