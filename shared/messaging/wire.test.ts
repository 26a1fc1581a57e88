import { expect } from 'chai';
import { v7 } from 'uuid';
import { event } from './contract.js';
import { newMessage } from './message.js';
import { creationOf, traceparentOf } from './trace-context.js';
import Type from './typebox.js';
import { attemptOf, decode, encode, HEADER, type Received } from './wire.js';

const Sighted = event('harbour.ship-sighted', 1, Type.Object({ name: Type.String() }));
const contractOf = (type: string) => (type === Sighted.name ? Sighted : undefined);
const causationId = v7();
const message = newMessage(
  Sighted,
  { name: 'Fram' },
  { correlationId: v7(), causationId, producer: 'lookout', occurredAt: new Date('2026-01-02T03:04:05Z') },
);
const received = (changes: Partial<Received> = {}): Received => ({
  ...encode(message),
  redelivered: false,
  ...changes,
});

describe('a message on the wire', () => {
  it('arrives as it was sent', () => {
    expect(decode(received(), contractOf)).to.deep.equal({
      id: message.id,
      type: 'harbour.ship-sighted',
      correlationId: message.correlationId,
      attempt: 1,
      payload: { name: 'Fram' },
    });
  });

  it('carries the CloudEvents attributes, its cause and its schema version', () => {
    expect(encode(message).headers).to.deep.equal({
      'cloudEvents:specversion': '1.0',
      'cloudEvents:id': message.id,
      'cloudEvents:source': '/warren/lookout',
      'cloudEvents:type': 'harbour.ship-sighted',
      'cloudEvents:time': '2026-01-02T03:04:05.000Z',
      'warren-causation-id': causationId,
      'warren-schema-version': 1,
      traceparent: traceparentOf(creationOf(message), false),
    });
  });

  it('says whether its order is traced', () => {
    expect(encode(message, true).headers['traceparent']).to.equal(traceparentOf(creationOf(message), true));
  });

  it('keeps its type when its routing key becomes the queue it returns to', () => {
    expect(decode(received({ routingKey: 'tug' }), contractOf).type).to.equal('harbour.ship-sighted');
  });

  it('counts attempts by our own header and mistrusts anything that is no count', () => {
    expect(attemptOf({ 'warren-attempt': 4 })).to.equal(4);
    for (const odd of [undefined, 0, -1, 1.5, '3', null]) expect(attemptOf({ 'warren-attempt': odd })).to.equal(1);
  });

  it('is refused for good when it has no id, no known type, or a body that is not JSON in UTF-8', () => {
    const codeOf = (changes: Partial<Received>): unknown => {
      try {
        return decode(received(changes), contractOf);
      } catch (error) {
        return (error as { code?: unknown }).code;
      }
    };
    expect(codeOf({ messageId: undefined })).to.equal('message.no-id');
    expect(codeOf({ correlationId: 'not a uuid' })).to.equal('message.no-id');
    expect(codeOf({ type: 'harbour.fog' })).to.equal('message.unknown-type');
    expect(codeOf({ content: Buffer.from('{') })).to.equal('message.not-json');
    expect(codeOf({ content: Buffer.from([0x22, 0xff, 0x22]) })).to.equal('message.not-json');
    expect(codeOf({ content: Buffer.from('{"name":1}') })).to.equal('message.invalid');
    for (const text of ['\\u0000', 'a\\ud800', '\\udc00\\ud800'])
      for (const body of [`{"name":"${text}"}`, `{"name":"Ada","more":[{"${text}":1}]}`])
        expect(codeOf({ content: Buffer.from(body) }), body).to.equal('message.invalid');
    for (const version of ['1', null, true, [1], 0, 1.5, 2])
      expect(codeOf({ headers: { [HEADER.schemaVersion]: version } })).to.equal('message.unknown-version');
  });

  it('is refused when its body is about another order than its correlation id', () => {
    const Boarded = event('harbour.ship-boarded', 1, Type.Object({ orderId: Type.String() }));
    const about = (orderId: string) =>
      decode(received({ type: Boarded.name, content: Buffer.from(JSON.stringify({ orderId })) }), () => Boarded);
    expect(about(message.correlationId).payload).to.deep.equal({ orderId: message.correlationId });
    expect(() => about(v7()))
      .to.throw('harbour.ship-boarded at /orderId')
      .with.property('code', 'message.invalid');
  });
});
