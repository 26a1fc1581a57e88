/** What tests of the console stand on: a fleet of real processes of its own, a storefront, and a real browser. */
import type { Browser, Page } from 'playwright-core';
import { createOperator, type Role } from '../../api/operators/operator.js';
import { DEVELOPMENT } from '../../config/environment.js';
import { signedIn, startBrowser, type Visit } from './browser.js';
import { Deployment } from './deployment.js';
import { Storefront } from './storefront.js';

export class ConsoleStand {
  readonly fleet: Deployment;
  readonly shop: Storefront;
  readonly #browser: Browser;

  private constructor(fleet: Deployment, browser: Browser) {
    this.fleet = fleet;
    this.shop = new Storefront(fleet);
    this.#browser = browser;
  }

  /** @param processes of workers, each by the names it runs */
  static async start(processes: readonly (readonly string[])[]): Promise<ConsoleStand> {
    const fleet = await Deployment.start({ processes });
    try {
      return new ConsoleStand(fleet, await startBrowser());
    } catch (error) {
      await fleet.stop();
      throw error;
    }
  }

  /** A page of its own at the overview, signed in as an operator unless a key is given. */
  visit(options: Partial<Parameters<typeof signedIn>[1]> = {}): Promise<Visit> {
    return signedIn(this.#browser, { url: this.fleet.url, key: DEVELOPMENT.operatorKey, ...options });
  }

  async keyOf(name: string, role: Role): Promise<string> {
    return (await createOperator(this.fleet.database.database, { name, role }))?.key ?? '';
  }

  /** Closes all pages. */
  async leave(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.fleet.stop();
  }
}

/** What does not fit or has no name on the page, in words. */
export const faultsOfLayout = (page: Page): Promise<string[]> => page.evaluate(FAULTS_OF_LAYOUT);

const FAULTS_OF_LAYOUT = `(() => {
  const named = (control) => control.textContent.trim() || control.ariaLabel || control.labels?.[0]?.textContent.trim();
  const controls = [...document.querySelectorAll('a, button, input, select, textarea')];
  return [
    ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the window'] : []),
    ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one heading']),
    ...controls.filter((control) => !named(control)).map((control) => 'without a name: ' + control.outerHTML),
  ];
})()`;
