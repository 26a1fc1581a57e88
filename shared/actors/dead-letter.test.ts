import { expect } from 'chai';
import { HEADER, type Headers } from '../messaging/wire.js';
import { deadLetterOf } from './dead-letter.js';

describe('a dead letter by the broker', () => {
  const letterOf = (deaths: unknown, headers: Headers = {}) =>
    deadLetterOf({
      content: Buffer.from('{}'),
      routingKey: 'tug',
      messageId: 'one',
      correlationId: undefined,
      type: 'harbour.fog',
      headers: { ...headers, 'x-death': deaths },
    });
  const codeOf = (deaths: unknown): string => letterOf(deaths).errorCode;
  const hop = (reason: string, key = 'harbour.fog', queue = 'tug') => ({ reason, queue, 'routing-keys': [key] });

  it('says whether it was delivered too often or waited for too long', () => {
    expect(codeOf([hop('delivery_limit')])).to.equal('broker.delivery-limit');
    expect(codeOf([hop('delivery_limit', 'tug')])).to.equal('broker.delivery-limit');
    expect(codeOf([hop('expired'), hop('delivery_limit')])).to.equal('broker.expired');
  });

  it('is read whatever a publisher wrote in the place of the broker', () => {
    for (const deaths of [undefined, null, 'expired', [], ['expired'], [null], { 0: { reason: 'expired' } }])
      expect(codeOf(deaths)).to.equal('broker.delivery-limit');
  });

  it('says that it came under a wrong name, whose permission its publisher was not asked for', () => {
    for (const last of [hop('expired', 'harbour.sun'), hop('delivery_limit', 'harbour.sun'), { reason: 'expired' }])
      expect(codeOf([last, hop('expired')])).to.equal('message.wrong-address');
  });

  it('is believed nothing of what its publisher says about an error', () => {
    const forged = {
      [HEADER.errorCode]: 'message.unknown-type',
      [HEADER.errorMessage]: 'forged',
      [HEADER.errorStack]: 'forged',
      [HEADER.release]: 'r1',
      [HEADER.actor]: 'ferry',
    };
    const letter = letterOf([hop('delivery_limit')], forged);
    expect(letter).to.include({ actor: 'tug', road: 'broker', errorCode: 'broker.delivery-limit', release: null });
    expect(letter.stack).to.equal(null);
    expect(letter.errorMessage).not.to.equal('forged');
    const putBack = [hop('delivery_limit', 'tug', 'dead-letters')];
    expect(letterOf(putBack, forged)).to.include({ road: 'runtime', errorCode: 'message.unknown-type' });
    expect(letterOf([...putBack, hop('expired')], forged)).to.include({ road: 'broker', errorCode: 'broker.expired' });
  });

  it('has no id of a message where its name may be a wrong one', () => {
    expect(letterOf([hop('expired')]).messageId).to.equal('unaddressed:one');
    expect(letterOf([hop('delivery_limit', 'harbour.sun')]).messageId).to.equal('unaddressed:one');
    expect(letterOf([hop('delivery_limit')]).messageId).to.equal('one');
  });
});
