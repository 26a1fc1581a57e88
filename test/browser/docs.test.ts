import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { startBrowser } from '../support/browser.js';
import { type UnservedIntake, unservedIntake } from '../support/unserved-intake.js';

describe('the reference in a browser', () => {
  let intake: UnservedIntake;
  let browser: Browser;
  let url: string;

  before(async () => {
    intake = unservedIntake();
    url = await intake.app.listen({ host: '127.0.0.1', port: 0 });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await intake?.close();
  });

  it('shows how an order is placed, asks no address but its own, and keeps to its policy', async () => {
    const page = await browser.newPage();
    const asked: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${url}/docs`);
    const place = page.locator('#operations-orders-postOrders');
    await place.waitFor();
    expect(await place.textContent()).to.match(/POST[\s\S]*\/orders[\s\S]*Place an order/);
    await place.locator('button').first().click();
    await place.getByText('Idempotency-Key').first().waitFor();
    expect(await place.textContent())
      .to.include('MUG-BURROW')
      .and.include('order.unknown-sku');
    await page.close();

    expect(asked.filter((one) => !one.startsWith(`${url}/`) && !one.startsWith('data:'))).to.deep.equal([]);
    expect(asked).to.include(`${url}/openapi.json`);
    expect(complaints).to.deep.equal([]);
  });
});
