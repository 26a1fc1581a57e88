/** The keys that everybody knows: made in development, refused in production. */
import { v7 } from 'uuid';
import { DEVELOPMENT } from '../config/environment.js';
import type { Logger } from '../shared/observability/log.js';
import { reasonOf } from '../shared/observability/reason.js';
import type { Database } from '../shared/postgres/database.js';
import { hashOf } from './api-key.js';
import { storeOperator } from './operators/operator.js';
import { storeStorefront } from './storefronts/storefront.js';

/** What they open, with the command that makes one's own. */
const KNOWN = [
  { table: 'storefronts', who: 'storefront', key: DEVELOPMENT.storefrontKey, own: 'storefront.js add NAME' },
  { table: 'operators', who: 'operator', key: DEVELOPMENT.operatorKey, own: 'operator.js add operator NAME' },
] as const;

export const DEVELOPMENT_KEYS: readonly string[] = KNOWN.map(({ key }) => key);

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

/** Makes the operator whose key everybody knows, unless it is there. For development only. */
export async function ensureDevelopmentOperator(database: Database): Promise<void> {
  await storeOperator(database, { id: v7(), name: 'Development', role: 'operator', key: DEVELOPMENT.operatorKey });
}

export class DevelopmentKeyInProduction extends Error {
  override readonly name = 'DevelopmentKeyInProduction';
  constructor({ table, who, key, own }: (typeof KNOWN)[number]) {
    super(
      `the ${who} with the key "${key}", which everybody knows, is in this database, and NODE_ENV is production. ` +
        `Revoke it (update ${table} set revoked_at = now() where name = 'Development') and make your own with ` +
        `\`node dist/scripts/${own}\`; or set NODE_ENV=development if this is no production`,
    );
  }
}

/** @throws {DevelopmentKeyInProduction} A database that is away is no reason not to start: the keys are let in nowhere. */
export async function refuseDevelopmentKeys(database: Database, log: Logger): Promise<void> {
  for (const known of KNOWN) {
    let admitted: boolean;
    try {
      admitted = await admits(database, known);
    } catch (error) {
      log.warn({ reason: reasonOf(error) }, 'cannot tell yet whether a development key is stored');
      return;
    }
    if (admitted) throw new DevelopmentKeyInProduction(known);
  }
}

/** Whether the key opens anything here. */
async function admits(database: Database, { table, key }: (typeof KNOWN)[number]): Promise<boolean> {
  const { rowCount } = await database.query({
    text: `select 1 from ${table} where key_hash = $1 and revoked_at is null`,
    values: [hashOf(key)],
  });
  return rowCount > 0;
}
