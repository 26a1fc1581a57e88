/**
 * The keys that everybody knows, made in development. The storefront's is a test key, and so opens nothing in production; the
 * operator's is refused there.
 */
import { v7 } from 'uuid';
import { DEVELOPMENT } from '../config/environment.js';
import type { Logger } from '../shared/observability/log.js';
import { reasonOf } from '../shared/observability/reason.js';
import type { Database, Transaction } from '../shared/postgres/database.js';
import { hashOf } from './api-key.js';
import { storeOperator } from './operators/operator.js';
import { SCOPES } from './storefronts/key.js';
import { storeKey } from './storefronts/stored-keys.js';
import { addStorefront } from './storefronts/storefront.js';

const NAME = 'Development';

/** Makes the storefront whose key everybody knows, unless it is there, and returns its id. For development only. */
export function ensureDevelopmentStorefront(database: Database): Promise<string> {
  const key = DEVELOPMENT.storefrontKey;
  return database.transaction(async (transaction) => {
    // Two at once would make two.
    await transaction.query({ text: 'lock table storefronts in share row exclusive mode' });
    const there = await developmentStorefront(transaction);
    const storefrontId = there ?? v7();
    if (there === undefined) await addStorefront(transaction, { id: storefrontId, name: NAME });
    const wanted = { id: v7(), storefrontId, mode: 'test', scopes: SCOPES, name: 'known to everybody' } as const;
    await storeKey(transaction, { key }, wanted);
    return storefrontId;
  });
}

async function developmentStorefront(transaction: Transaction): Promise<string | undefined> {
  const { rows } = await transaction.query<{ id: string }>({
    text: 'select id from storefronts where name = $1 order by id limit 1',
    values: [NAME],
  });
  return rows[0]?.id;
}

/** Makes the operator whose key everybody knows, unless it is there. For development only. */
export async function ensureDevelopmentOperator(database: Database): Promise<void> {
  await storeOperator(database, { id: v7(), name: NAME, role: 'operator', key: DEVELOPMENT.operatorKey });
}

export class DevelopmentKeyInProduction extends Error {
  override readonly name = 'DevelopmentKeyInProduction';
  constructor() {
    super(
      `the operator with the key "${DEVELOPMENT.operatorKey}", which everybody knows, is in this database, and NODE_ENV is production. ` +
        `Revoke it (node dist/scripts/operator.js revoke ${NAME}) and make your own with ` +
        '`node dist/scripts/operator.js add operator NAME`; or set NODE_ENV=development if this is no production',
    );
  }
}

/** @throws {DevelopmentKeyInProduction} A database that is away is no reason not to start: the key is let in nowhere. */
export async function refuseDevelopmentKey(database: Database, log: Logger): Promise<void> {
  const opens = await opensSomething(database).catch((error: unknown) => {
    log.warn({ reason: reasonOf(error) }, 'cannot tell yet whether the development key is stored');
    return false;
  });
  if (opens) throw new DevelopmentKeyInProduction();
}

async function opensSomething(database: Database): Promise<boolean> {
  const { rowCount } = await database.query({
    text: 'select 1 from operators where key_hash = $1 and revoked_at is null',
    values: [hashOf(DEVELOPMENT.operatorKey)],
  });
  return rowCount > 0;
}
