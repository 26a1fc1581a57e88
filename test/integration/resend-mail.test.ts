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

  const resend = (order: string, occasion: string, { key, resendId }: { key?: string; resendId?: string } = {}) =>
    operate(fleet.url, 'POST', `/orders/${order}/mails/${occasion}/resend`, { reason: 'it was lost', resendId }, key);
  const actionsOn = async (order: string) =>
    (await operate(fleet.url, 'GET', `/actions?thing=order&thingId=${order}`)).body['items'];
  const filed = async (order: string, occasion: string): Promise<unknown> =>
    until(`${occasion} is filed`, async () =>
      (await shop.order(order)).emails.some((email) => email.occasion === occasion),
    );
  const mailsOf = async (order: string) => (await sinkMails(fleet.sinkUrl)).of(order);

  /** What is asked while the order is locked: it goes on once that is unlocked. */
  async function askedWhileLocked<T>(order: string, ask: () => Promise<T>[]): Promise<T[]> {
    const { database } = fleet.database;
    const asked = await database.transaction(async (transaction) => {
      await transaction.query({ text: 'select 1 from orders where id = $1 for no key update', values: [order] });
      const answers = ask();
      await until('somebody waits for the order', async () => {
        const { rowCount } = await database.query({
          text: `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        });
        return rowCount > 0;
      });
      return { answers };
    });
    return Promise.all(asked.answers);
  }

  it('is sent once for each time that it is asked for, says what the first one said, and is noted', async () => {
    const order = await shop.place();
    await until('the first is sent', async () => (await mailsOf(order)).some(({ occasion }) => occasion === 'shipped'));
    await filed(order, 'shipped');
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
    for (const accept of ['application/json', 'text/event-stream'] as const)
      expect(await shop.events(order, accept))
        .to.include('shipping.order-shipped')
        .and.not.to.include('resend');
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
    expect(await actionsOn(order)).to.deep.equal([]);
  });

  it('is sent once for a wish that is made again, by turns and at once, because its answer was lost', async () => {
    const order = await shop.place();
    await filed(order, 'shipped');
    const resendId = v7();
    const first = await resend(order, 'shipped', { resendId });
    expect([first.status, first.body['resendId']]).to.deep.equal([202, resendId]);
    expect(await resend(order, 'shipped', { resendId })).to.deep.equal(first);
    const another = v7();
    const atOnce = await askedWhileLocked(order, () =>
      [1, 2].map(() => resend(order, 'shipped', { resendId: another })),
    );
    expect(atOnce.map(({ status }) => status)).to.deep.equal([202, 202]);
    expect(await actionsOn(order)).to.have.length(2);
    const { rows } = await fleet.database.database.query<{ id: string }>({
      text: `select payload ->> 'resendId' as id from event_log where correlation_id = $1 and type = 'email.resend-mail' order by id`,
      values: [order],
    });
    expect(rows.map(({ id }) => id)).to.have.members([resendId, another]);
    const other = await resend(order, 'confirmed', { resendId });
    expect([other.status, other.body['code']]).to.deep.equal([409, 'mail.resend-id-reused']);
    expect((await resend(order, 'shipped', { resendId: 'mine' })).body['code']).to.equal('request.invalid');
  });

  it('is not the one that confirms an order which is cancelled by now, but for a wish made before', async () => {
    const order = await shop.place();
    await filed(order, 'confirmed');
    await filed(order, 'shipped');
    const resendId = v7();
    expect((await resend(order, 'confirmed', { resendId })).status).to.equal(202);
    for (const status of ['CANCELLING', 'CANCELLED']) {
      await fleet.database.database.query({
        text: 'update orders set status = $2 where id = $1',
        values: [order, status],
      });
      const { status: answered, body } = await resend(order, 'confirmed');
      expect([answered, body['code']]).to.deep.equal([409, 'mail.outdated']);
      expect((await resend(order, 'confirmed', { resendId })).status).to.equal(202);
    }
    expect(await actionsOn(order)).to.have.length(1);
  });

  it('is asked for by operators, not by viewers', async () => {
    const viewer = await createOperator(fleet.database.database, { name: 'eve', role: 'viewer' });
    const { status, body } = await resend(v7(), 'shipped', viewer === undefined ? {} : { key: viewer.key });
    expect([status, body['code']]).to.deep.equal([403, 'operator.forbidden']);
  });
});
