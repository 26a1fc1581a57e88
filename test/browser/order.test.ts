import { type ConfirmChannel, connect } from 'amqplib';
import { expect } from 'chai';
import type { Browser, Page, Route } from 'playwright-core';
import { v7 } from 'uuid';
import { DEVELOPMENT } from '../../config/environment.js';
import { signedIn, startBrowser } from '../support/browser.js';
import { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const OTHERS = ['webhooks', 'inventory', 'payment', 'orders', 'email', 'relay', 'scheduler', 'dead-letters'];
const VIEWER = 'https://traces.example/trace/{traceId}';

describe('the screen of an order, in a browser', function () {
  this.timeout(120_000);
  let fleet: Deployment;
  let shop: Storefront;
  let browser: Browser;
  let page: Page;

  before(async () => {
    fleet = await Deployment.start({ processes: [OTHERS], environment: { TRACE_VIEWER_URL: VIEWER } });
    shop = new Storefront(fleet);
    browser = await startBrowser();
    ({ page } = await signedIn(browser, { url: fleet.url, key: DEVELOPMENT.operatorKey }));
  });
  after(async () => {
    await browser?.close();
    await fleet?.stop();
  });

  const open = (order: string): Promise<unknown> => page.goto(`${fleet.url}/console#/orders/${order}`);
  const confirm = async (reason: string): Promise<void> => {
    await page.getByRole('dialog').getByLabel('Reason').fill(reason);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };

  it('says that a payment was declined, of an order that is found by why it was cancelled', async () => {
    const order = await shop.place({ token: 'tok_declined' });
    await shop.reached(order, 'CANCELLED');
    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    await page.getByLabel('Why cancelled').selectOption('payment-declined');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.locator(`a[href="#/orders/${order}"]`).click();
    await page.getByRole('heading', { name: 'At its end' }).waitFor();
    await page.getByText('the order is cancelled: payment-declined').waitFor();
  });

  it('says which worker does not run, and, when its message was lost meanwhile, sends that again to it alone', async () => {
    const order = await shop.place();
    await shop.reached(order, 'PAID');
    await until('the message is there', async () => (await waiting('shipping')) > 0);
    await open(order);
    await page.getByRole('heading', { name: 'Something has to be done' }).waitFor();
    await page.getByText('no-consumer').waitFor();
    await purge('shipping');
    await fleet.startWorkers(['shipping']);
    await page.getByText('under-way').waitFor();
    await page.getByRole('button', { name: 'Retry orders.order-ready at shipping …' }).click();
    await page.getByRole('dialog').getByText('is sent from the event log to shipping alone').waitFor();
    await confirm('the queue was emptied');
    await page.getByRole('heading', { name: 'At its end' }).waitFor();
    expect((await shop.order(order)).status).to.equal('SHIPPED');
    const { body } = await operate(fleet.url, 'GET', '/actions?thing=replay');
    expect((body['items'] as { readonly action: string }[]).map(({ action }) => action)).to.deep.equal([
      'start',
      'rehearse',
    ]);
  });

  it('redrives the dead letter of a step that is retried', async () => {
    const order = await shop.place({ token: 'tok_declined' });
    await shop.reached(order, 'CANCELLED');
    const message = { messageId: v7(), correlationId: order, type: 'orders.order-confirmed', headers: {} };
    await onBroker(async (channel) => channel.sendToQueue('email', Buffer.from('{}'), message));
    await open(order);
    await page.getByRole('button', { name: 'Retry orders.order-confirmed at email …' }).click();
    await page.getByRole('dialog').getByText('is redriven: email gets the message once more').waitFor();
    await confirm('to see it fail again');
    const { body } = await operate(fleet.url, 'GET', `/actions?thing=dead-letter`);
    expect(body).to.have.nested.property('items[0].action', 'redrive');
    expect(body).to.have.nested.property('items[0].reason', 'to see it fail again');
  });

  it('has a mail sent again, says before what that does, and shows it in the timeline and with the others', async () => {
    const order = await shop.place({ token: 'tok_declined' });
    await shop.reached(order, 'CANCELLED');
    await open(order);
    await page.getByRole('button', { name: 'Resend the mail “cancelled” …' }).click();
    await page.getByRole('dialog').getByText('gets the mail “cancelled” at ada@example.com once more').waitFor();
    await confirm('the customer lost it');
    await page.getByText('cancelled again at').waitFor();
    await page.locator('.drawing text', { hasText: 'resend mail' }).waitFor();
  });

  it('has a mail sent again once where the answer was lost and the same dialog is confirmed again', async () => {
    const order = await shop.place({ token: 'tok_declined' });
    await shop.reached(order, 'CANCELLED');
    await open(order);
    await page.getByRole('button', { name: 'Resend the mail “cancelled” …' }).click();
    const lose = async (route: Route): Promise<void> => {
      await route.fetch();
      await route.abort();
    };
    await page.route('**/mails/cancelled/resend', lose, { times: 1 });
    await page.getByRole('dialog').getByLabel('Reason').fill('the customer lost it');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').filter({ hasText: /./ }).waitFor();
    await confirm('the customer lost it');
    const { body } = await operate(fleet.url, 'GET', `/actions?thing=order&thingId=${order}`);
    expect(body['items']).to.have.length(1);
  });

  it('does not offer to resend the mail that confirms it once it is cancelled', async () => {
    const order = await shop.place();
    await until('its mails are filed', async () => (await shop.order(order)).emails.length === 2);
    await fleet.database.database.query({
      text: "update orders set status = 'CANCELLED' where id = $1",
      values: [order],
    });
    await open(order);
    await page.getByRole('button', { name: 'Resend the mail “shipped” …' }).waitFor();
    expect(await page.getByRole('button', { name: 'Resend the mail “confirmed” …' }).count()).to.equal(0);
  });

  it('leads to its trace', async () => {
    const order = await shop.place({ token: 'tok_declined' });
    await open(order);
    const link = page.getByRole('link', { name: order.replaceAll('-', '') });
    await link.waitFor();
    expect(await link.getAttribute('href')).to.equal(VIEWER.replace('{traceId}', order.replaceAll('-', '')));
  });

  const waiting = async (queue: string): Promise<number> =>
    onBroker(async (channel) => (await channel.checkQueue(queue)).messageCount);
  const purge = (queue: string): Promise<unknown> => onBroker((channel) => channel.purgeQueue(queue));

  async function onBroker<T>(work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    const connection = await connect(fleet.brokerUrl);
    try {
      const channel = await connection.createConfirmChannel();
      const result = await work(channel);
      await channel.waitForConfirms();
      return result;
    } finally {
      await connection.close();
    }
  }
});
