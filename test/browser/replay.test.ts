import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { manage } from '../support/broker.js';
import { ConsoleStand, faultsOfLayout } from '../support/console-stand.js';
import { operate } from '../support/operator.js';
import { until } from '../support/until.js';

const ORDERS = 4;
/** All but the actor that misses messages. */
const OTHERS = ['orders', 'payment', 'shipping', 'email', 'relay', 'scheduler', 'dead-letters'];

describe('a replay in the console', function () {
  this.timeout(120_000);
  let stand: ConsoleStand;
  /** Orders that inventory has never heard of. */
  let missed: readonly string[];

  before(async () => {
    stand = await ConsoleStand.start([OTHERS, ['inventory']]);
    const { fleet, shop } = stand;
    for (const order of await place()) await shop.reached(order, 'SHIPPED');
    await until('all mails are sent', async () => (await inbox('email')) >= 2 * ORDERS);
    // As if it had been restored from a backup of before.
    await fleet.database.database.query({ text: `delete from inbox where actor = 'email'` });
    for (const worker of fleet.running.filter(({ name }) => name.endsWith(' inventory')))
      await fleet.end(worker, 'SIGTERM');
    missed = await place();
    await until('nothing is to be sent', async () => (await rowsOf('select 1 from outbox')) === 0);
    await manage('DELETE', `/api/queues/${new URL(fleet.brokerUrl).pathname.slice(1)}/inventory/contents`);
    await fleet.startWorkers(['inventory']);
  });
  after(() => stand?.stop());
  afterEach(() => stand.leave());

  const place = (): Promise<string[]> => Promise.all(Array.from({ length: ORDERS }, () => stand.shop.place()));
  const rowsOf = async (text: string): Promise<number> =>
    (await stand.fleet.database.database.query({ text })).rowCount;
  const inbox = (actor: string): Promise<number> => rowsOf(`select 1 from inbox where actor = '${actor}'`);
  const replays = async (key?: string): Promise<Page> => {
    const { page } = await stand.visit(key === undefined ? {} : { key });
    await page.getByRole('link', { name: 'Replays' }).click();
    await page.getByRole('heading', { level: 1, name: 'Replays' }).waitFor();
    return page;
  };
  /** Fills the form in and comes to the screen of the replay. */
  const rehearse = async (page: Page, to: string, fields: Readonly<Record<string, string>>): Promise<void> => {
    await page.getByLabel('To the actor').selectOption(to);
    for (const [label, value] of Object.entries(fields)) await page.getByLabel(label).fill(value);
    await page.getByLabel('Reason').fill(`${to} was mended`);
    await page.getByRole('button', { name: 'Rehearse' }).click();
    await page.getByRole('heading', { level: 1, name: `Replay to ${to}` }).waitFor();
  };
  const confirm = async (page: Page, button: string | RegExp, reason: string): Promise<void> => {
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('dialog').getByLabel('Reason').fill(reason);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  const status = (page: Page, word: string): Locator => page.locator('main .mark', { hasText: word });

  it('is rehearsed, shows what it would come to, is started, and brings orders on their way that were lost', async () => {
    const page = await replays();
    await rehearse(page, 'inventory', { 'From, by your clock': '2026-01-01T00:00:00', Types: 'orders.order-placed' });
    await status(page, 'rehearsed').waitFor();
    for (const says of ['would be sent', 'would be skipped: inventory has handled them', 'would be published']) {
      const row = page.getByRole('row').filter({ hasText: says });
      await row.getByText(String(ORDERS), { exact: true }).waitFor();
    }
    await page.getByRole('heading', { name: 'The decisions' }).waitFor();
    await page.locator('details.message > summary').first().click();
    await page.getByText('publishes inventory.stock-reserved').first().waitFor();
    expect((await stand.shop.order(missed[0] ?? '')).status).to.equal('INITIATED');

    await page.getByRole('button', { name: `Send ${ORDERS} messages …` }).click();
    await page.getByRole('dialog').getByText('to the queue of inventory and to no other').waitFor();
    await page.keyboard.press('Escape');
    await confirm(page, `Send ${ORDERS} messages …`, 'inventory is mended');
    await status(page, 'finished').waitFor();
    await page.getByText(`${ORDERS} of ${2 * ORDERS} sent, ${ORDERS} skipped as handled`).waitFor();
    for (const order of missed) await stand.shop.reached(order, 'SHIPPED');
    await page.getByRole('link', { name: 'Replays' }).click();
    await page.getByRole('cell', { name: 'inventory was mended' }).waitFor();
    await page.locator('td .mark', { hasText: 'finished' }).first().waitFor();
  });

  it('leaves effects out unless they are asked for, and then says so before', async () => {
    const page = await replays();
    await rehearse(page, 'email', { 'From, by your clock': '2026-01-01T00:00:00' });
    await page.getByText('would be left out: they are effects, which were not asked for').waitFor();
    await page.getByText('There is nothing to send.').waitFor();
    await page.getByRole('link', { name: 'Replays' }).click();
    await page.getByLabel('Also what the actor acts on outside').check();
    await rehearse(page, 'email', { 'From, by your clock': '2026-01-01T00:00:00', 'A second at most': '1' });
    await page.getByRole('button', { name: /^Send \d+ messages …/ }).click();
    await page.getByRole('dialog').getByText('of them are effects').waitFor();
    await page.getByRole('dialog').getByLabel('Reason').fill('mails were lost');
    await page.keyboard.press('Enter');

    await confirm(page, 'Pause …', 'the mail server is busy');
    await status(page, 'paused').waitFor();
    await confirm(page, 'Resume …', 'it is not any more');
    await status(page, 'running').waitFor();
    await confirm(page, 'Cancel …', 'it was enough');
    await status(page, 'cancelled').waitFor();
    const id = page.url().split('/').at(-1);
    const { body } = await operate(stand.fleet.url, 'GET', `/actions?thing=replay&thingId=${id}`);
    const actions = body['items'] as readonly Record<string, unknown>[];
    expect(actions.map(({ action, reason }) => [action, reason])).to.deep.equal([
      ['cancel', 'it was enough'],
      ['resume', 'it is not any more'],
      ['pause', 'the mail server is busy'],
      ['start', 'mails were lost'],
      ['rehearse', 'email was mended'],
    ]);
  });

  it('says what is wrong with what was asked for, and keeps what was filled in', async () => {
    const page = await replays();
    await page.getByLabel('Types').fill('shipping.*');
    await page.getByLabel('Reason').fill('to try it');
    await page.getByRole('button', { name: 'Rehearse' }).click();
    await page.getByText('says from when on, or "order" of which order').waitFor();
    expect(await page.getByLabel('Types').inputValue()).to.equal('shipping.*');
  });

  it('may be looked at by a viewer, who can neither ask for one nor change it', async () => {
    const page = await replays(await stand.keyOf('eve', 'viewer'));
    expect(await page.getByRole('button', { name: 'Rehearse' }).isDisabled()).to.equal(true);
    const { body } = await operate(stand.fleet.url, 'POST', '/replays', {
      ...{ to: 'orders', from: '2026-01-01', reason: 'to look at it' },
    });
    await page.goto(`${stand.fleet.url}/console#/replays/${body['id']}`);
    const cancel = page.getByRole('button', { name: 'Cancel …' });
    await cancel.waitFor();
    expect(await cancel.isDisabled()).to.equal(true);
  });

  for (const width of [1280, 390])
    it(`fits on ${width} pixels with what it has found`, async () => {
      const { page, complaints } = await stand.visit({ viewport: { width, height: 844 } });
      const { body } = await operate(stand.fleet.url, 'GET', '/replays');
      const replay = (body['items'] as readonly { id: string; to: string }[]).find(({ to }) => to === 'inventory');
      await page.goto(`${stand.fleet.url}/console#/replays/${replay?.id}`);
      await page.getByRole('heading', { name: 'The decisions' }).waitFor();
      for (const decision of await page.locator('details.message > summary').all()) await decision.click();
      expect(await faultsOfLayout(page)).to.deep.equal([]);
      expect(complaints).to.deep.equal([]);
    });
});
