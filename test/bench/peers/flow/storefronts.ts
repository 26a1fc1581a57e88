/** Knows a storefront by the hash of its key, and remembers it for a moment. */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';

const REMEMBERED_MS = 10_000;

export const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

export class Storefronts {
  readonly #pool: Pool;
  readonly #known = new Map<string, { readonly id: string; readonly until: number }>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** Undefined for a header that is not `Bearer` and the key of a storefront. */
  async byAuthorization(header: string | undefined): Promise<string | undefined> {
    if (header?.startsWith('Bearer ') !== true) return undefined;
    const hash = hashOf(header.slice('Bearer '.length));
    const known = this.#known.get(hash.toString('base64'));
    if (known !== undefined && known.until > Date.now()) return known.id;
    const { rows } = await this.#pool.query<{ id: string }>('select id from storefronts where key_hash = $1', [hash]);
    const id = rows[0]?.id;
    if (id !== undefined) this.#known.set(hash.toString('base64'), { id, until: Date.now() + REMEMBERED_MS });
    return id;
  }
}
