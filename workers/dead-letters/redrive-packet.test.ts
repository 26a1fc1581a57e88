import { expect } from 'chai';
import { deadLetterOf, deadPacket } from '../../shared/actors/dead-letter.js';
import { HEADER } from '../../shared/messaging/wire.js';
import { redrivePacket } from './redrive-packet.js';

describe('a letter that is redriven', () => {
  const delivery = {
    content: Buffer.from('{"n":1}'),
    routingKey: 'door.rang',
    messageId: '01a1fdae-bab7-75aa-9b14-fc707aeff401',
    correlationId: '01a1fdae-bab7-75aa-9b14-fc707aeff402',
    type: 'door.rang',
    headers: { [HEADER.attempt]: 6, [HEADER.schemaVersion]: 2, traceparent: '00-1', 'x-death': [], theirs: true },
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
    const packet = redrivePacket({ ...filed(), id: 'letter' });
    expect(packet).to.deep.equal({
      exchange: '',
      routingKey: 'bank',
      content: delivery.content,
      messageId: delivery.messageId,
      correlationId: delivery.correlationId,
      type: 'door.rang',
      // No attempt: it begins anew at the first.
      headers: { [HEADER.schemaVersion]: 2, traceparent: '00-1', theirs: true },
    });
  });

  it('has the very bytes that came, also those that are no text', () => {
    for (const content of [Buffer.from([0xff, 0, 0x7b]), Buffer.from('base64:AAAA'), Buffer.from('{"a":"ü"}')])
      expect(redrivePacket({ ...filed(content), id: 'letter' }).content).to.deep.equal(content);
  });
});
