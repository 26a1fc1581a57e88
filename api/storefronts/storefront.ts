/** A storefront: whoever may place orders, known by a key that is stored only as its hash. */
import { v7 } from 'uuid';
import type { Database } from '../../shared/postgres/database.js';
import { hashOf, newKey } from '../api-key.js';

export interface Storefront {
  readonly id: string;
  readonly name: string;
  /** Shown once; 192 random bits. */
  readonly key: string;
}

/** Makes a storefront with a key of its own. */
export async function createStorefront(database: Database, name: string): Promise<Storefront> {
  const storefront = { id: v7(), name, key: newKey('wk') };
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
