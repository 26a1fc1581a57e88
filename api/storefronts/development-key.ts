/** The key that everybody knows: made in development, refused in production. */
import { v7 } from 'uuid';
import { DEVELOPMENT } from '../../config/environment.js';
import type { Logger } from '../../shared/observability/log.js';
import { reasonOf } from '../../shared/observability/reason.js';
import type { Database } from '../../shared/postgres/database.js';
import { hashOf, storeStorefront } from './storefront.js';

/** Makes the storefront whose key everybody knows, unless it is there, and returns its id. For development only. */
export async function ensureDevelopmentStorefront(database: Database): Promise<string> {
  await storeStorefront(database, { id: v7(), name: 'Development', key: DEVELOPMENT.storefrontKey });
  const { rows } = await database.query<{ id: string }>({
    text: 'select id from storefronts where key_hash = $1',
    values: [hashOf(DEVELOPMENT.storefrontKey)],
  });
  const id = rows[0]?.id;
  if (id === undefined) throw new TypeError('the development storefront was just stored');
  return id;
}

export class DevelopmentKeyInProduction extends Error {
  override readonly name = 'DevelopmentKeyInProduction';
  constructor() {
    super(
      `the storefront with the key "${DEVELOPMENT.storefrontKey}", which everybody knows, is in this database, and NODE_ENV is production. ` +
        "Revoke it (update storefronts set revoked_at = now() where name = 'Development') and make your own with " +
        '`node dist/scripts/storefront.js add NAME`; or set NODE_ENV=development if this is no production',
    );
  }
}

/** @throws {DevelopmentKeyInProduction} A database that is away is no reason not to start: the key is let in nowhere. */
export async function refuseDevelopmentKey(database: Database, log: Logger): Promise<void> {
  let admitted: boolean;
  try {
    admitted = await admitsDevelopmentKey(database);
  } catch (error) {
    log.warn({ reason: reasonOf(error) }, 'cannot tell yet whether the development key is stored');
    return;
  }
  if (admitted) throw new DevelopmentKeyInProduction();
}

/** Whether the key opens anything here. */
async function admitsDevelopmentKey(database: Database): Promise<boolean> {
  const { rowCount } = await database.query({
    text: 'select 1 from storefronts where key_hash = $1 and revoked_at is null',
    values: [hashOf(DEVELOPMENT.storefrontKey)],
  });
  return rowCount > 0;
}
