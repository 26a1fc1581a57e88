import { expect } from 'chai';
import { readTraceparent, traceIdOf } from '../../messaging/trace-context.js';
import { encode, HEADER } from '../../messaging/wire.js';
import { replayPacket } from './packet.js';

describe('a message that is replayed', () => {
  const message = {
    id: '01a1fdae-bab7-75aa-9b14-fc707aeff401',
    type: 'orders.order-placed',
    version: 2,
    correlationId: '01a1fdae-bab7-75aa-9b14-fc707aeff402',
    causationId: null,
    producer: 'web',
    occurredAt: new Date('2026-11-01T08:30:00Z'),
    body: '{"n":1}',
  };

  it('is as it was, under its id, for the queue of one actor only', () => {
    const { packet } = replayPacket(message, 'fraud', 'now', false);
    const first = encode(message);
    expect(packet).to.deep.include({
      exchange: 'fraud',
      routingKey: 'fraud',
      type: message.type,
      content: first.content,
    });
    expect([packet.messageId, packet.correlationId]).to.deep.equal([message.id, message.correlationId]);
    expect(packet.headers).to.include({ 'cloudEvents:time': '2026-11-01T08:30:00.000Z', [HEADER.schemaVersion]: 2 });
  });

  it('begins a trace of its own each time, and is told from where it was before', () => {
    const traceOf = (sending: string): string | undefined =>
      readTraceparent(replayPacket(message, 'fraud', sending, true).packet.headers[HEADER.traceparent])?.traceId;
    expect(traceOf('one')).not.to.equal(traceOf('two'));
    expect(traceOf('one')).not.to.equal(traceIdOf(message.correlationId));
    const { before } = replayPacket(message, 'fraud', 'one', true);
    expect(readTraceparent(before[HEADER.traceparent])?.traceId).to.equal(traceIdOf(message.correlationId));
  });
});
