import { expect } from 'chai';
import { EnvironmentFaults, readVariables } from '../../config/variable.js';
import { composedActor } from '../../test/support/composed-actor.js';
import { composition } from './composition.js';
import { EmailActor } from './email.actor.js';

const read = (MAIL_FROM: string) =>
  readVariables(composition.variables, { SMTP_URL: 'smtp://127.0.0.1:1', MAIL_FROM }).from;

describe('the composition of email', () => {
  it('gives the actor its mailer, names whom it depends on, and closes what it opened', async () => {
    const { actor, providers, closings } = await composedActor(composition, EmailActor, {
      SMTP_URL: 'smtp://127.0.0.1:1',
      MAIL_FROM: 'orders@shop.example',
    });
    expect(actor).to.be.instanceOf(EmailActor);
    expect(providers).to.deep.equal(['mail server']);
    expect(closings).to.equal(1);
  });

  it('takes a sender with and without a name', () => {
    expect(read('orders@shop.example')).to.deep.equal({ name: '', address: 'orders@shop.example' });
    expect(read('The Shop <orders@shop.example>')).to.deep.equal({ name: 'The Shop', address: 'orders@shop.example' });
  });

  for (const wrong of [
    'shop',
    'Shop <orders@shop.example',
    'orders@shop.example>',
    'a@b@c',
    'Shop\r\nBcc: x <a@b.c>',
  ]) {
    it(`refuses ${JSON.stringify(wrong)} as sender`, () => {
      expect(() => read(wrong)).to.throw(EnvironmentFaults, 'MAIL_FROM must be a mail address such as');
    });
  }
});
