import 'reflect-metadata';
import { expect } from 'chai';
import { definitionOf } from '../../shared/actors/definition.js';
import { ORDER_ID } from '../../test/support/sample-order.js';
import { EmailActor } from './email.actor.js';
import { EVENT_OF, emailKey, emailRanges, OCCASIONS, ResendMail } from './messages.js';

describe('the occasions of e-mails', () => {
  it('are all that email handles, so that each is shown, sent again and erased', () => {
    const handled = [...(definitionOf(EmailActor)?.handlers.keys() ?? [])];
    const told = OCCASIONS.map((occasion) => EVENT_OF[occasion].name);
    expect(handled).to.have.members([...told, ResendMail.name]);
  });

  it('are sent again about what the first mail was about', () => {
    const about = ResendMail.schema.anyOf.map(({ properties }) => [properties.occasion.const, properties.about]);
    expect(about).to.deep.equal(OCCASIONS.map((occasion) => [occasion, EVENT_OF[occasion].schema]));
  });

  it('have a range of keys each, which holds the first mail and whatever was sent again, and no other occasion’s', () => {
    const [keys, past] = emailRanges([ORDER_ID]);
    for (const [index, occasion] of OCCASIONS.entries()) {
      const isIn = (key: string): boolean => key >= (keys[index] ?? '') && key < (past[index] ?? '');
      for (const wish of [undefined, ORDER_ID.replace(/^./, '0'), ORDER_ID.replace(/^./, 'f')])
        expect(
          OCCASIONS.filter((other) => isIn(emailKey(ORDER_ID, other, wish))),
          wish,
        ).to.deep.equal([occasion]);
    }
  });
});
