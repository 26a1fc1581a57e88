import { expect } from 'chai';
import { deadLetterOf, deadPacket } from '../../shared/actors/dead-letter.js';
import { knownHeaders } from '../../shared/actors/moved-packet.js';
import { readTraceparent } from '../../shared/messaging/trace-context.js';
import { HEADER } from '../../shared/messaging/wire.js';
import { redrivePacket } from './redrive-packet.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('a letter that is redriven', () => {
  const delivery = {
    content: Buffer.from('{"n":1}'),
    routingKey: 'door.rang',
    messageId: '01a1fdae-bab7-75aa-9b14-fc707aeff401',
    correlationId: '01a1fdae-bab7-75aa-9b14-fc707aeff402',
    type: 'door.rang',
    headers: {
      [HEADER.attempt]: 6,
      [HEADER.schemaVersion]: 2,
      traceparent: TRACEPARENT,
      tracestate: 'theirs=1',
      'x-death': [],
      CC: ['elsewhere'],
      theirs: true,
    },
  };
  const filed = (content = delivery.content) =>
    deadLetterOf(
      deadPacket(
        { ...delivery, content },
        { code: 'bank.unlucky', error: new Error('no') },
        { actor: 'bank', release: 'r1' },
      ),
    );

  it('is the message as it was, under its id, for the queue of the actor that failed', () => {
    const packet = redrivePacket({ ...filed(), id: 'letter' }, 'now', true);
    expect(packet).to.deep.equal({
      exchange: 'bank',
      routingKey: 'bank',
      content: delivery.content,
      messageId: delivery.messageId,
      correlationId: delivery.correlationId,
      type: 'door.rang',
      // No attempt: it begins anew at the first.
      headers: {
        [HEADER.schemaVersion]: 2,
        traceparent: packet.headers['traceparent'],
        tracestate: undefined,
        theirs: true,
      },
    });
  });

  it('goes to no other queue, though its publisher wanted it to, whoever filed it', () => {
    const byBroker = deadLetterOf({ ...delivery, routingKey: 'bank' });
    for (const letter of [filed(), byBroker]) {
      const { exchange, routingKey, headers } = redrivePacket({ ...letter, id: 'letter' }, 'now', true);
      expect([exchange, routingKey, headers['CC']]).to.deep.equal(['bank', 'bank', undefined]);
    }
  });

  it('begins a trace of its own each time, whose samplers are told of the order', () => {
    const traceparent = (sending: string, sampled: boolean) =>
      readTraceparent(redrivePacket({ ...filed(), id: 'letter' }, sending, sampled).headers['traceparent']);
    const first = traceparent('first', true);
    expect(first?.sampled).to.equal(true);
    expect(traceparent('first', false)).to.deep.equal({ ...first, sampled: false });
    expect(traceparent('second', true)?.traceId).not.to.equal(first?.traceId);
    expect(first?.traceId).not.to.equal(readTraceparent(delivery.headers.traceparent)?.traceId);
  });

  it('keeps the mark that its headers could not be read, also where only those that are known can be sent', () => {
    expect(knownHeaders({ [HEADER.unreadable]: true, [HEADER.schemaVersion]: 2, theirs: 1 })).to.deep.equal({
      [HEADER.unreadable]: true,
      [HEADER.schemaVersion]: 2,
    });
  });

  it('has the very bytes that came, also those that are no text', () => {
    for (const content of [Buffer.from([0xff, 0, 0x7b]), Buffer.from('base64:AAAA'), Buffer.from('{"a":"ü"}')])
      expect(redrivePacket({ ...filed(content), id: 'letter' }, 'now', false).content).to.deep.equal(content);
  });
});
