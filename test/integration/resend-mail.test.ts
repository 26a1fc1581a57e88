import { expect } from 'chai';
import { v7 } from 'uuid';
import { createOperator } from '../../api/operators/operator.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

describe('a mail that an operator has sent again', function () {
  this.timeout(120_000);
  let fleet: Deployment;
  let shop: Storefront;

  before(async () => {
    fleet = await Deployment.start();
    shop = new Storefront(fleet);
  });
  after(() => fleet?.stop());

  const resend = (order: string, occasion: string, key?: string) =>
    operate(fleet.url, 'POST', `/orders/${order}/mails/${occasion}/resend`, { reason: 'it was lost' }, key);
  const mailsOf = async (order: string) => (await sinkMails(fleet.sinkUrl)).of(order);

  it('is sent once for each time that it is asked for, says what the first one said, and is noted', async () => {
    const order = await shop.place();
    await until('the first is sent', async () => (await mailsOf(order)).some(({ occasion }) => occasion === 'shipped'));
    await until('it is filed', async () =>
      (await shop.order(order)).emails.some(({ occasion }) => occasion === 'shipped'),
    );
    expect((await resend(order, 'shipped')).status).to.equal(202);
    expect((await resend(order, 'shipped')).status).to.equal(202);
    const emails = await until('both are filed', async () => {
      const { body } = await operate(fleet.url, 'GET', `/orders/${order}`);
      const filed = body['emails'] as readonly { readonly occasion: string; readonly resent?: true }[];
      return filed.filter(({ resent }) => resent).length === 2 && filed;
    });
    expect(emails.map(({ occasion, resent }) => (resent ? `${occasion} again` : occasion))).to.have.members([
      'confirmed',
      'shipped',
      'shipped again',
      'shipped again',
    ]);
    const { emails: shown, timeline } = await shop.order(order);
    expect(shown.map(({ occasion }) => occasion)).to.deep.equal(['confirmed', 'shipped']);
    expect(timeline.map(({ type }) => type)).not.to.include('email.resend-mail');
    const sent = (await mailsOf(order)).filter(({ occasion }) => occasion === 'shipped');
    expect(new Set(sent.map(({ messageId }) => messageId)).size).to.equal(3);
    expect(new Set(sent.map(({ to }) => to.join())).size).to.equal(1);
    const { body } = await operate(fleet.url, 'GET', `/actions?thing=order&thingId=${order}`);
    expect(body['items']).to.have.length(2);
    expect(body).to.have.nested.property('items[0].action', 'resend-mail');
    expect(body).to.have.nested.property('items[0].details.occasion', 'shipped');
  });

  it('was sent before, is of an order that is there, and of an occasion there is; else nothing is sent', async () => {
    const order = await shop.place({ token: 'tok_declined' });
    await shop.reached(order, 'CANCELLED');
    expect((await resend(order, 'shipped')).body['code']).to.equal('mail.not-sent');
    expect((await resend(v7(), 'shipped')).body['code']).to.equal('order.not-found');
    expect((await resend(order, 'lost')).body['code']).to.equal('request.invalid');
    expect((await operate(fleet.url, 'GET', `/actions?thing=order&thingId=${order}`)).body['items']).to.deep.equal([]);
  });

  it('is asked for by operators, not by viewers', async () => {
    const viewer = await createOperator(fleet.database.database, { name: 'eve', role: 'viewer' });
    const { status, body } = await resend(v7(), 'shipped', viewer?.key);
    expect([status, body['code']]).to.deep.equal([403, 'operator.forbidden']);
  });
});
