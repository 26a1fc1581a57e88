import { expect } from 'chai';
import { deadLetterOf } from './dead-letter.js';

describe('a dead letter by the broker', () => {
  const codeOf = (deaths: unknown): string =>
    deadLetterOf({
      content: Buffer.from('{}'),
      routingKey: 'tug',
      messageId: 'one',
      correlationId: undefined,
      type: 'harbour.fog',
      headers: { 'x-death': deaths },
    }).errorCode;

  it('says whether it was delivered too often or waited for too long', () => {
    expect(codeOf([{ reason: 'delivery_limit', queue: 'tug' }])).to.equal('broker.delivery-limit');
    expect(codeOf([{ reason: 'expired', queue: 'tug' }, { reason: 'delivery_limit' }])).to.equal('broker.expired');
  });

  it('is read whatever a publisher wrote in the place of the broker', () => {
    for (const deaths of [undefined, null, 'expired', [], ['expired'], [null], { 0: { reason: 'expired' } }])
      expect(codeOf(deaths)).to.equal('broker.delivery-limit');
  });
});
