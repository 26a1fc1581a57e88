/** A storefront: whoever places orders, with keys of its own. A disabled one's keys open nothing. */
import { v7 } from 'uuid';
import type { Database, Transaction } from '../../shared/postgres/database.js';
import { type KeyMode, SCOPES } from './key.js';
import { createKey } from './stored-keys.js';

export interface Storefront {
  readonly id: string;
  readonly name: string;
}

interface StorefrontWithKey extends Storefront {
  readonly keyId: string;
  /** Shown once. */
  readonly key: string;
}

/** Makes a storefront with a key that may do everything. @param mode of the key @default 'live' */
export function createStorefront(database: Database, name: string, mode: KeyMode = 'live'): Promise<StorefrontWithKey> {
  return database.transaction(async (transaction) => {
    const [id, keyId] = [v7(), v7()];
    await addStorefront(transaction, { id, name });
    const { key } = await createKey(transaction, { id: keyId, storefrontId: id, mode, scopes: SCOPES });
    return { id, name, keyId, key };
  });
}

/** Makes a storefront without a key. */
export async function addStorefront(transaction: Transaction, { id, name }: Storefront): Promise<void> {
  await transaction.query({ text: 'insert into storefronts (id, name) values ($1, $2)', values: [id, name] });
}
