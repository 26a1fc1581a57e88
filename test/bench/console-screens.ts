/** How long the console's screens take in a real browser, from the click to what was asked for being there. */
import { access } from 'node:fs/promises';
import { chromium, type Page } from 'playwright-core';
import { percentiles } from '../../scripts/load/summary.js';
import type { Filled } from './console-tables.js';

const BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser that tests use too, or one that the system has; undefined where there is none. */
export async function browserHere(): Promise<string | undefined> {
  for (const path of [process.env['WARREN_TEST_BROWSER'] ?? '', ...BROWSERS]) {
    if (
      path !== '' &&
      (await access(path).then(
        () => true,
        () => false,
      ))
    )
      return path;
  }
  return undefined;
}

/** A screen, where it is, and what is there once it is filled. */
const screensOf = ({ failing, letter }: Filled): readonly { name: string; place: string; filled: string }[] => [
  { name: 'overview', place: '', filled: 'main h2' },
  { name: 'flow', place: 'flow', filled: 'main svg' },
  { name: 'orders', place: 'orders', filled: 'tbody tr:nth-child(50)' },
  { name: 'orders of a state', place: 'orders?status=PAID', filled: 'tbody tr:nth-child(50)' },
  { name: 'order', place: `orders/${failing}`, filled: 'h2:has-text("Something has to be done")' },
  { name: 'queues', place: 'queues', filled: 'tbody tr' },
  { name: 'dead letters', place: 'dead-letters', filled: 'tbody tr' },
  { name: 'letters of a kind', place: 'dead-letters?fingerprint=kind-0', filled: 'tbody tr:nth-child(50)' },
  { name: 'letter', place: `dead-letters/${letter}`, filled: 'textarea' },
  { name: 'audit', place: 'audit', filled: 'tbody tr:nth-child(50)' },
];

/** The 95th percentile of each screen's times, in milliseconds, by its name. */
export async function timeScreens(
  executablePath: string,
  {
    url,
    key,
    filled,
    times,
  }: { readonly url: string; readonly key: string; readonly filled: Filled; readonly times: number },
): Promise<ReadonlyMap<string, number>> {
  // As root it runs without its sandbox, which does not work there.
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage();
    await page.goto(`${url}/console`);
    await page.getByLabel('Key of an operator').fill(key);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    const screens = new Map<string, number>();
    for (const { name, place, filled: sign } of screensOf(filled)) {
      const took: number[] = [];
      while (took.length < times) took.push(await shownIn(page, `${url}/console#/${place}`, sign));
      screens.set(name, percentiles(took).p95);
    }
    return screens;
  } finally {
    await browser.close();
  }
}

/** From another screen, on which nothing of it is to be seen. */
async function shownIn(page: Page, address: string, sign: string): Promise<number> {
  await page.goto(address.replace(/#.*/, '#/nowhere'));
  await page.getByRole('heading', { level: 1, name: 'Nothing is here' }).waitFor();
  const wentAt = performance.now();
  await page.goto(address);
  await page.locator(sign).first().waitFor();
  return performance.now() - wentAt;
}
