/** A real browser at the console, and whatever it complained about. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { needed } from './needed.js';

/** Starts one. As root it runs without its sandbox, which does not work there. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: needed('WARREN_TEST_BROWSER'),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });

export interface Visit {
  readonly page: Page;
  /** Errors on the page, requests that were refused by its policy, and files that were not there. */
  readonly complaints: readonly string[];
}

/** A page in a context of its own, signed in at the console with the key. */
export async function signedIn(
  browser: Browser,
  { url, key, ...options }: { readonly url: string; readonly key: string } & BrowserContextOptions,
): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.goto(`${url}/console`);
  await page.getByLabel('Key of an operator').fill(key);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  return { page, complaints };
}
