import { expect } from 'chai';
import type { Locator, Page } from 'playwright-core';
import { ConsoleStand } from '../support/console-stand.js';
import { operate } from '../support/operator.js';

describe('queues and workers in the console', function () {
  this.timeout(120_000);
  let stand: ConsoleStand;

  before(async () => {
    stand = await ConsoleStand.start([['inventory', 'payment', 'orders', 'relay'], ['email']]);
  });
  after(() => stand?.stop());
  afterEach(() => stand.leave());

  const rowOf = (page: Page, actor: string): Locator =>
    page.locator('tr', { has: page.getByRole('cell', { name: actor, exact: true }) });
  const queues = async (key?: string): Promise<Page> => {
    const { page } = await stand.visit(key === undefined ? {} : { key });
    await page.getByRole('link', { name: 'Queues' }).click();
    await rowOf(page, 'inventory').getByText('well').waitFor();
    return page;
  };
  const confirm = async (page: Page, name: string, reason: string): Promise<void> => {
    const dialog = page.getByRole('dialog', { name });
    await dialog.getByLabel('Reason').fill(reason);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  };

  it('pauses an actor with a reason, tells the pause from a queue without consumers, and resumes it', async () => {
    const page = await queues();
    const inventory = rowOf(page, 'inventory');
    await page.getByRole('button', { name: 'Pause inventory …' }).click();
    await page.getByRole('dialog').getByText('takes nothing more until it is resumed').waitFor();
    await confirm(page, 'Pause inventory', 'stock is being counted');
    await page.getByText('inventory is paused.').waitFor();
    await inventory.getByText(/^by .+: stock is being counted$/).waitFor();
    // Nobody has started shipping.
    await rowOf(page, 'shipping').getByText('no consumer').waitFor();
    expect(await inventory.getByText('no consumer').count()).to.equal(0);
    await stand.shop.place();
    await inventory.locator('td[data-title="Ready"]', { hasText: '1' }).waitFor();

    await page.getByRole('button', { name: 'Resume inventory …' }).click();
    await page.getByRole('dialog').getByText('stock is being counted').waitFor();
    await confirm(page, 'Resume inventory', 'it is counted');
    await inventory.getByText('well').waitFor();
    await inventory.locator('td[data-title="Ready"]', { hasText: '0' }).waitFor();
    const { body } = await operate(stand.fleet.url, 'GET', '/actions?thing=queue&thingId=inventory');
    const actions = body['items'] as readonly Record<string, unknown>[];
    expect(actions.map(({ action, reason }) => [action, reason])).to.deep.equal([
      ['resume', 'it is counted'],
      ['pause', 'stock is being counted'],
    ]);
  });

  it('sets the prefetch of an actor, and takes that back', async () => {
    const page = await queues();
    const prefetch = rowOf(page, 'payment').locator('td[data-title="Prefetch"]');
    const declared = await prefetch.textContent();
    const field = page.getByRole('dialog').getByLabel('Deliveries');
    await page.getByRole('button', { name: 'Set prefetch of payment …' }).click();
    expect(await field.inputValue()).to.equal('');
    await field.fill('0');
    await page.getByRole('dialog').getByLabel('Reason').fill('the provider is slow');
    await page.keyboard.press('Enter');
    await field.and(page.locator(':invalid')).waitFor();
    await field.fill('7');
    await confirm(page, 'Set prefetch of payment', 'the provider is slow');
    await page.getByText('The prefetch of payment is 7.').waitFor();
    await prefetch.getByText('7, set').waitFor();

    await page.getByRole('button', { name: 'Set prefetch of payment …' }).click();
    expect(await field.inputValue()).to.equal('7');
    await field.fill('');
    await confirm(page, 'Set prefetch of payment', 'it is as before');
    await prefetch.getByText('7, set').waitFor({ state: 'detached' });
    expect(await prefetch.textContent()).to.equal(declared);
  });

  it('leaves a pause as it is that somebody else was faster with, and shows who has paused and why', async () => {
    const page = await queues();
    await page.getByRole('button', { name: 'Pause email …' }).click();
    await page.route('**/operator/queues/email/pause', async (route) => {
      await operate(stand.fleet.url, 'POST', '/queues/email/pause', { reason: 'somebody was faster' });
      await route.continue();
    });
    await page.getByRole('dialog').getByLabel('Reason').fill('mails are wrong');
    await page.keyboard.press('Enter');
    await rowOf(page, 'email')
      .getByText(/^by .+: somebody was faster/)
      .waitFor();
    await page.getByRole('button', { name: 'Resume email …' }).click();
    await confirm(page, 'Resume email', 'the test is over');
    await rowOf(page, 'email').getByText('well').waitFor();
  });

  it('tells a queue that nobody takes from apart from the others', async () => {
    const page = await queues();
    await rowOf(page, 'email').getByText('well').waitFor();
    for (const worker of stand.fleet.running.filter(({ name }) => name.endsWith(' email')))
      await stand.fleet.end(worker, 'SIGTERM');
    await rowOf(page, 'email').getByText('no consumer').waitFor();
    await stand.fleet.startWorkers(['email']);
    await rowOf(page, 'email').getByText('well').waitFor();
  });

  it('shows what comes, what is in hand and what goes, and every process with what it does', async () => {
    const page = await queues();
    const cellOf = (row: Locator, title: string): Locator => row.locator(`td[data-title="${title}"]`);
    const inventory = rowOf(page, 'inventory');
    await cellOf(inventory, 'In flight').getByText(/^\d+$/).waitFor();
    await stand.shop.place();
    for (const title of ['In', 'Out'])
      await cellOf(inventory, title)
        .getByText(/^[\d,.]*[1-9]\/s$/)
        .waitFor();
    await rowOf(page, 'web').getByText('lives').waitFor();
    const several = rowOf(page, 'inventory, payment, orders, relay');
    await several.getByText('lives').waitFor();
    expect(await cellOf(several, 'Handled').textContent()).to.match(/[1-9]/);
    const killed = await stand.fleet.startWorkers(['scheduler']);
    await rowOf(page, 'scheduler').getByText('lives').waitFor();
    await stand.fleet.end(killed, 'SIGKILL');
    await stand.fleet.database.database.query({
      text: `update instances set seen_at = seen_at - interval '2 hours' where kind = 'scheduler'`,
    });
    await rowOf(page, 'scheduler').getByText('gone for 2 h').waitFor();
  });

  it('lets a viewer see all and change nothing', async () => {
    const page = await queues(await stand.keyOf('eve', 'viewer'));
    for (const name of ['Pause inventory …', 'Set prefetch of inventory …'])
      expect(await page.getByRole('button', { name }).isDisabled()).to.equal(true);
  });
});
