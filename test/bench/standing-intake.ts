/** What most scenarios begin with: a release, an intake with a storefront, and full shelves; all of it stopped at the end. */

import type { PlannedStock } from '../../scripts/load/requests.js';
import { setUpStock } from '../../scripts/load/set-up.js';
import { Storefront } from '../../scripts/load/storefront.js';
import { Database } from '../../shared/postgres/database.js';
import { BenchFleet } from './bench-fleet.js';
import type { BenchContext } from './scenario.js';

const SETTING_UP_AT_ONCE = 32;

export interface StandingIntake {
  readonly fleet: BenchFleet;
  readonly database: Database;
  readonly storefront: Storefront;
  /** Of the storefront. */
  readonly key: string;
}

export interface IntakeSetting {
  readonly stock: readonly PlannedStock[];
  /** Of the storefront to the intake, at most. */
  readonly connections: number;
  /** Provider and mail sink as well. */
  readonly sandbox: boolean;
  /** Of the fleet, on top of the bench's. */
  readonly environment?: NodeJS.ProcessEnv;
}

export async function withIntake<T>(
  { options, servers, signal, say }: BenchContext,
  { stock, connections, sandbox, environment = {} }: IntakeSetting,
  measure: (standing: StandingIntake) => Promise<T>,
): Promise<T> {
  const fleet = await BenchFleet.prepare({
    urls: servers.urls,
    folder: '.local/bench/fleet',
    environment,
    profileFolder: options.profileFolder,
    signal,
  });
  const database = new Database({ url: servers.urls.DATABASE_URL, connections: 2, applicationName: 'warren bench' });
  try {
    say('migrating, starting the intake, filling the shelves');
    await fleet.release();
    await Promise.all([fleet.startWeb(), ...(sandbox ? [fleet.startSandbox()] : [])]);
    const key = await fleet.addStorefront('bench');
    const storefront = new Storefront({ url: fleet.webUrl, key, connections });
    try {
      await setUpStock(stock, { storefront, concurrency: SETTING_UP_AT_ONCE, signal, onDone: () => undefined });
      return await measure({ fleet, database, storefront, key });
    } finally {
      await storefront.close();
    }
  } finally {
    await fleet.stop();
    await database.close();
  }
}
