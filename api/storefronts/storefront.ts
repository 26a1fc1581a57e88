/** A storefront: whoever may place orders, known by a key that is stored only as its hash. */
import { createHash, randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import type { Database } from '../../shared/postgres/database.js';

export interface Storefront {
  readonly id: string;
  readonly name: string;
  /** Shown once; 192 random bits. */
  readonly key: string;
}

export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** Makes a storefront with a key of its own. */
export async function createStorefront(database: Database, name: string): Promise<Storefront> {
  const storefront = { id: v7(), name, key: `wk_live_${randomBytes(24).toString('base64url')}` };
  await storeStorefront(database, storefront);
  return storefront;
}

/** Stores the storefront unless its key is known already. */
export async function storeStorefront(database: Database, { id, name, key }: Storefront): Promise<void> {
  await database.query({
    text: 'insert into storefronts (id, name, key_hash) values ($1, $2, $3) on conflict (key_hash) do nothing',
    values: [id, name, hashOf(key)],
  });
}
