import { connect } from 'amqplib';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { v7 } from 'uuid';
import type { Visit } from '../support/browser.js';
import { ConsoleStand, faultsOfLayout } from '../support/console-stand.js';
import type { Deployment } from '../support/deployment.js';
import { operate } from '../support/operator.js';
import type { Storefront } from '../support/storefront.js';
import { until } from '../support/until.js';

const OTHERS = ['webhooks', 'inventory', 'payment', 'orders', 'email', 'relay', 'scheduler', 'dead-letters'];
/** The screens anybody can come to without something to look at. */
const SCREENS = ['', 'flow', 'orders', 'queues', 'dead-letters', 'replays', 'audit', 'test-orders'];

describe('the console, in a browser', function () {
  this.timeout(120_000);
  let stand: ConsoleStand;
  let fleet: Deployment;
  let shop: Storefront;

  before(async () => {
    stand = await ConsoleStand.start([OTHERS]);
    fleet = stand.fleet;
    shop = stand.shop;
  });
  after(() => stand?.stop());
  afterEach(() => stand.leave());

  const visit = (options: Parameters<ConsoleStand['visit']>[0] = {}): Promise<Visit> => stand.visit(options);

  it('shows a failing order, why it fails, lets its payload be mended and redriven, and shows it shipped', async () => {
    const order = await shop.place();
    await shop.reached(order, 'PAID');
    const address = await spoilNextMessage('shipping', 'shippingAddress');
    await fleet.startWorkers(['shipping']);
    await until('the letter is filed', async () => {
      const { body } = await operate(fleet.url, 'GET', `/dead-letters?order=${order}`);
      return (body['items'] as unknown[]).length > 0;
    });

    const { page, complaints } = await visit();
    await page.getByText('The fleet is not well').waitFor();
    await page.getByRole('link', { name: 'Orders', exact: true }).click();
    await page.getByLabel('Order id, trace id, e-mail or reference').fill(order.replaceAll('-', ''));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Something has to be done' }).waitFor();
    await page.getByText('must have required properties shippingAddress').first().waitFor();

    await page.getByRole('link', { name: 'Look at the dead letter' }).click();
    const payload = page.getByLabel('JSON; change it here');
    const spoilt = JSON.parse(await payload.inputValue());
    await payload.fill('{');
    await page.getByText('This is no JSON').waitFor();
    await payload.fill(JSON.stringify({ ...spoilt, shippingAddress: 'nowhere' }));
    const redrive = page.getByRole('button', { name: 'Redrive with this payload …' });
    await redrive.click();
    const dialog = page.getByRole('dialog', { name: 'Redrive with this payload' });
    await dialog.getByLabel('Reason').fill('the address was lost');
    await dialog.getByRole('button', { name: 'Redrive with this payload' }).click();
    await dialog.getByText('The payload does not fit its contract').waitFor();
    await page.keyboard.press('Escape');

    await payload.fill(JSON.stringify({ ...spoilt, shippingAddress: address }));
    await redrive.click();
    await dialog.getByLabel('Reason').fill('the address was lost');
    await page.keyboard.press('Enter');
    await page.getByText('redriven', { exact: true }).first().waitFor();
    await page.locator(`a[href="#/orders/${order}"]`).click();
    await page.getByRole('heading', { name: 'At its end' }).waitFor();
    await page.getByText('the order is shipped').waitFor();
    expect((await shop.order(order)).status).to.equal('SHIPPED');
    const { body } = await operate(fleet.url, 'GET', '/actions');
    expect(body).to.have.nested.property('items[0].reason', 'the address was lost');
    // The browser tells of each answer that is a refusal; that one was wanted.
    expect(complaints.filter((text) => !text.includes('422'))).to.deep.equal([]);
  });

  it('cancels an order with a reason, and says before what that does', async () => {
    const order = await shop.place({ token: 'tok_hang' });
    const { page } = await visit();
    await page.goto(`${fleet.url}/console#/orders/${order}`);
    await page.getByRole('button', { name: 'Cancel the order …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('is cancelled as if its customer wished it').waitFor();
    expect(await dialog.getByRole('button', { name: 'Cancel the order' }).isDisabled()).to.equal(true);
    await dialog.getByLabel('Reason').fill('the customer rang');
    await dialog.getByRole('button', { name: 'Cancel the order' }).click();
    await page.getByText('the order is being cancelled: customer').waitFor();
  });

  it('redrives all letters of a kind, says before how many, shows how far that is, and ends it', async () => {
    await poison('email', 'orders.order-confirmed', 2);
    const { page } = await visit();
    await page.getByRole('link', { name: 'Dead letters' }).click();
    await page.getByRole('link', { name: 'email: message.invalid' }).click();
    await page.getByRole('button', { name: 'Redrive 2 open letters …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 of email: orders.order-confirmed, message.invalid').waitFor();
    await dialog.getByLabel('Reason').fill('to see it fail again');
    await page.keyboard.press('Enter');
    await page.getByText('2 letters are being redriven').waitFor();
    await page.getByText('1 failed again').waitFor();
    await page.getByText('suspended', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Cancel …' }).click();
    await dialog.getByText('What is not redriven yet stays open: 1 letter').waitFor();
    await dialog.getByLabel('Reason').fill('it was seen');
    await page.keyboard.press('Enter');
    await page.getByText('cancelled', { exact: true }).waitFor();
  });

  it('shows orders that are placed in it go their way, and leads from a state to its orders', async () => {
    const { page } = await visit();
    await page.getByRole('link', { name: 'Test orders' }).click();
    await page.getByLabel('The card').selectOption('tok_declined');
    await page.getByLabel('Orders', { exact: true }).fill('3');
    await page.getByRole('button', { name: 'Place' }).click();
    await page.getByText('3 orders placed.').waitFor();
    await until('all are cancelled', async () => (await page.getByText('payment-declined').count()) === 3);
    await page.getByRole('link', { name: 'Flow' }).click();
    await page.getByRole('link', { name: /^CANCELLED: [1-9]/ }).click();
    await page.getByRole('heading', { level: 1, name: 'Orders' }).waitFor();
    expect(await page.getByLabel('Status').inputValue()).to.equal('CANCELLED');
    await page.getByText('test-order@example.com').first().waitFor();
    expect(await page.locator('tbody .mark').allTextContents())
      .to.include('CANCELLED')
      .and.not.to.include('SHIPPED');
  });

  it('lets a viewer see all and change nothing', async () => {
    const { page } = await visit({ key: await stand.keyOf('eve', 'viewer') });
    const order = await shop.place({ token: 'tok_hang' });
    await page.goto(`${fleet.url}/console#/orders/${order}`);
    const cancel = page.getByRole('button', { name: 'Cancel the order …' });
    await cancel.waitFor();
    expect(await cancel.isDisabled()).to.equal(true);
    expect(await answerTo(page, `/operator/orders/${order}/cancel`, true)).to.deep.equal([403, 'operator.forbidden']);
  });

  it('carries out no change that comes without its CSRF token, and no script but its own', async () => {
    const { page, complaints } = await visit();
    const order = await shop.place();
    expect(await answerTo(page, `/operator/orders/${order}/cancel`, false)).to.deep.equal([403, 'operator.csrf']);
    expect(complaints.filter((text) => text.includes('Content Security Policy'))).to.deep.equal([]);
    const ran = await page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', ({ violatedDirective }) => resolve(violatedDirective));
      const image = document.createElement('img');
      image.src = 'http://127.0.0.1:1/elsewhere.png';
      document.body.append(image);
    })`);
    expect(ran).to.equal('img-src');
  });

  it('signs out, and then shows nothing', async () => {
    const { page } = await visit();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Key of an operator').waitFor();
    await page.goto(`${fleet.url}/console#/orders`);
    await page.getByLabel('Key of an operator').waitFor();
    expect(await page.getByRole('link', { name: 'Orders', exact: true }).count()).to.equal(0);
  });

  it('asks nothing while it is hidden, and goes on when it is seen', async () => {
    const { page } = await visit();
    const asked: string[] = [];
    const listeners = async (): Promise<number> => {
      const metrics = await (await fetch(`${fleet.url}/metrics`)).text();
      return Number(/^warren_event_streams (\d+)$/m.exec(metrics)?.[1]);
    };
    await until('the page listens', async () => (await listeners()) > 0);
    const show = (hidden: boolean): Promise<unknown> =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'))`);
    await show(true);
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await until('nobody listens', async () => (await listeners()) === 0);
    expect(asked).to.deep.equal([]);
    await show(false);
    await until('the page listens again', async () => (await listeners()) > 0);
    expect(asked).to.deep.equal(['/operator/status/events']);
  });

  for (const width of [1280, 390]) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`fits on ${width} pixels in the ${colorScheme} theme, with one heading and every control named`, async () => {
        const { page, complaints } = await visit({ viewport: { width, height: 844 }, colorScheme });
        for (const screen of SCREENS) {
          await page.goto(`${fleet.url}/console#/${screen}`);
          await page.locator('main :is(h2, table, form, p.quiet)').first().waitFor();
          expect(await faultsOfLayout(page), screen).to.deep.equal([]);
        }
        expect(complaints).to.deep.equal([]);
      });
    }
  }

  /** Takes a member out of the payload of the message at the head of a queue. @returns what it was */
  async function spoilNextMessage(queue: string, member: string): Promise<object> {
    const { channel, close } = await brokerChannel();
    const message = await until('the message is there', async () => (await channel.get(queue)) || undefined);
    const { [member]: taken, ...rest } = JSON.parse(message.content.toString());
    channel.sendToQueue(queue, Buffer.from(JSON.stringify(rest)), message.properties);
    channel.ack(message);
    await close();
    return taken;
  }

  /** Sends messages without a payload, each of an order of its own. */
  async function poison(queue: string, type: string, count: number): Promise<void> {
    const { channel, close } = await brokerChannel();
    for (let sent = 0; sent < count; sent++)
      channel.sendToQueue(queue, Buffer.from('{}'), { messageId: v7(), correlationId: v7(), type, headers: {} });
    await close();
  }

  async function brokerChannel() {
    const connection = await connect(fleet.brokerUrl);
    const channel = await connection.createConfirmChannel();
    const close = async (): Promise<void> => {
      await channel.waitForConfirms();
      await channel.close();
      await connection.close();
    };
    return { channel, close };
  }
});

/** Status and code of the answer to a change that the page asks for past its buttons. */
async function answerTo(page: Page, path: string, withToken: boolean): Promise<unknown> {
  return page.evaluate(`(async () => {
    const { csrfToken } = await (await fetch('/console/session')).json();
    const headers = { 'content-type': 'application/json', ...(${withToken} ? { 'x-csrf-token': csrfToken } : {}) };
    const answer = await fetch('${path}', { method: 'POST', headers, body: '{"reason":"to try it"}' });
    return [answer.status, (await answer.json()).code];
  })()`);
}
