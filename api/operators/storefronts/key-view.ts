/** Keys of storefronts as operators see them: everything but the secret, which nobody has. */
import type { Transaction } from '../../../shared/postgres/database.js';
import { Problem } from '../../problem.js';
import type { KeyMode, Scope } from '../../storefronts/key.js';

export interface KeyView {
  readonly id: string;
  /** Null for a key of before keys had a public part. */
  readonly prefix: string | null;
  readonly name: string | null;
  readonly mode: KeyMode;
  readonly scopes: readonly Scope[];
  readonly storefrontId: string;
  readonly storefront: string;
  readonly createdAt: Date;
  /** To within five minutes. */
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

const SELECT = `
  select keys.id, keys.prefix, keys.name, keys.mode, keys.scopes, keys.storefront_id as "storefrontId",
    storefronts.name as storefront, keys.created_at as "createdAt", keys.used_at as "usedAt", keys.revoked_at as "revokedAt"
  from api_keys as keys join storefronts on storefronts.id = keys.storefront_id`;

/** In the order they were made. @param storefrontId of this one alone @param after from this id on */
export async function listKeys(
  database: Transaction,
  {
    storefrontId,
    after,
    limit,
  }: { readonly storefrontId: string | undefined; readonly after: string | undefined; readonly limit: number },
): Promise<KeyView[]> {
  const { rows } = await database.query<KeyView>({
    text: `${SELECT} where ($1::uuid is null or keys.storefront_id = $1) and ($2::uuid is null or keys.id > $2)
           order by keys.id limit $3`,
    values: [storefrontId ?? null, after ?? null, limit],
  });
  return rows;
}

/** @param named by its id or its public part @throws {Problem} `api-key.not-found` */
export async function keyNamed(transaction: Transaction, named: string): Promise<KeyView> {
  const { rows } = await transaction.query<KeyView>({
    text: `${SELECT} where keys.prefix = $1 or keys.id::text = $1`,
    values: [named],
  });
  const [key] = rows;
  if (key === undefined) throw new Problem('api-key.not-found', `There is no key ${named}; list them to find it.`);
  return key;
}
