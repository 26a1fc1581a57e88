import { expect } from 'chai';
import { event } from './contract.js';
import { editMessage } from './edit.js';
import { InvalidMessage } from './invalid-message.js';
import Type from './typebox.js';
import { HEADER } from './wire.js';

const Rang = event('door.rang', 2, Type.Object({ n: Type.Integer() }), { 1: (older) => older });

describe('a message that is edited', () => {
  const before = {
    messageId: 'old',
    headers: { [HEADER.schemaVersion]: 1, 'cloudEvents:id': 'old', traceparent: '00' },
  };

  it('is a new message of the newest version, caused by the one before', () => {
    const edited = editMessage(before, { contract: Rang, payload: { n: 1 }, messageId: 'new' });
    expect(edited).to.deep.equal({
      messageId: 'new',
      body: '{"n":1}',
      headers: {
        [HEADER.schemaVersion]: 2,
        [HEADER.causationId]: 'old',
        'cloudEvents:id': 'new',
        traceparent: '00',
      },
    });
  });

  it('is refused when it does not fit its contract', () => {
    expect(() => editMessage(before, { contract: Rang, payload: { n: 'one' }, messageId: 'new' })).to.throw(
      InvalidMessage,
      'door.rang at /n',
    );
  });
});
