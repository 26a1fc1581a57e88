import { expect } from 'chai';
import { HEADER, type Headers } from '../messaging/wire.js';
import { knownHeaders, movedPacket } from './moved-packet.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** Every header of ours, as Warren writes it. */
const OURS: Headers = {
  ...Object.fromEntries(Object.values(HEADER).map((name) => [name, 'as it was'])),
  [HEADER.attempt]: 3,
  [HEADER.traceparent]: TRACEPARENT,
  [HEADER.unreadable]: true,
};

describe('a delivery that is sent on', () => {
  const moved = (headers: Headers, more: Headers = {}) =>
    movedPacket(
      {
        content: Buffer.from('{}'),
        routingKey: 'door.rang',
        messageId: undefined,
        correlationId: 'order',
        type: undefined,
        headers,
      },
      'retry.1s',
      'bank',
      more,
    );

  it('keeps its headers, but for the broker’s and those that name further queues', () => {
    const foreign = { theirs: { deep: true }, cc: 'small' };
    expect(moved({ ...OURS, ...foreign, 'x-death': [], 'x-canary': 1, CC: ['a'], BCC: ['b'] }).headers).to.deep.equal({
      ...OURS,
      ...foreign,
    });
    expect(moved(OURS, { [HEADER.attempt]: 4 }).headers).to.deep.equal({ ...OURS, [HEADER.attempt]: 4 });
  });

  it('keeps its type when its routing key changes, and has an id, the same for the same content', () => {
    expect(moved({})).to.include({ exchange: 'retry.1s', routingKey: 'bank', type: 'door.rang' });
    expect(moved({}).messageId)
      .to.match(/^sha256:[0-9a-f]{64}$/)
      .and.to.equal(moved(OURS).messageId);
  });

  it('keeps of its headers, where no others can be sent, those of Warren but what is long and what others said', () => {
    const { [HEADER.errorStack]: stack, [HEADER.tracestate]: others, ...kept } = OURS;
    expect([stack, others]).to.deep.equal(['as it was', 'as it was']);
    const foreign = JSON.parse('{ "theirs": 1, "constructor": "a", "__proto__": "b", "x-death": "c", "CC": "d" }');
    expect(knownHeaders({ ...foreign, ...OURS })).to.deep.equal(kept);
  });

  it('keeps none of them that is not as Warren writes it', () => {
    for (const value of ['x'.repeat(1001), { deep: true }, ['list'], null, undefined, false])
      expect(knownHeaders(Object.fromEntries(Object.values(HEADER).map((name) => [name, value])))).to.deep.equal({});
  });
});
