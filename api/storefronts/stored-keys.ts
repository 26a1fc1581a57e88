/** The keys of storefronts as they are stored: by their public part and the SHA-256 of the whole. */
import type { Transaction } from '../../shared/postgres/database.js';
import { hashOf } from '../api-key.js';
import { Problem } from '../problem.js';
import { type DrawnKey, drawKey, isSameHash, KEYS_AT_MOST, type KeyMode, type Scope } from './key.js';

/** What a request carries of the key it came with. */
export interface KnownKey {
  readonly id: string;
  readonly storefrontId: string;
  readonly scopes: readonly Scope[];
}

interface Candidate extends KnownKey {
  readonly hash: Buffer;
  /** Its use was not noted lately. */
  readonly unnoted: boolean;
}

/** The key that has this hash, is of one of the modes and opens something; and whether its use is to be noted. */
export async function findKey(
  database: Transaction,
  { hash, prefix }: { readonly hash: Buffer; readonly prefix: string | undefined },
  modes: readonly KeyMode[],
): Promise<{ readonly key: KnownKey; readonly unnoted: boolean } | undefined> {
  const { rows } = await database.query<Candidate>({
    name: 'api-key-find',
    text: FIND,
    values: [prefix ?? null, hash, modes],
  });
  const found = rows.find((candidate) => isSameHash(candidate.hash, hash));
  if (found === undefined) return undefined;
  const { id, storefrontId, scopes, unnoted } = found;
  return { key: { id, storefrontId, scopes }, unnoted };
}

/** Keys of before they had a public part are found by their hash. */
const FIND = `
  select keys.id, keys.storefront_id as "storefrontId", keys.scopes, keys.key_hash as hash,
    (keys.used_at > now() - interval '5 minutes') is not true as unnoted
  from api_keys as keys join storefronts on storefronts.id = keys.storefront_id
  where (keys.prefix = $1 or keys.prefix is null and keys.key_hash = $2)
    and keys.mode = any($3::text[]) and keys.revoked_at is null and storefronts.revoked_at is null`;

/** Which of the keys still open something. */
export async function keysLetIn(database: Transaction, keyIds: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await database.query<{ id: string }>({
    name: 'api-keys-let-in',
    text: `select keys.id from api_keys as keys join storefronts on storefronts.id = keys.storefront_id
           where keys.id = any($1::uuid[]) and keys.revoked_at is null and storefronts.revoked_at is null`,
    values: [keyIds],
  });
  return new Set(rows.map(({ id }) => id));
}

/** Notes that the key was used, once in five minutes however many processes see it. */
export async function noteUse(database: Transaction, keyId: string): Promise<void> {
  await database.query({
    text: `update api_keys set used_at = now() where id = $1 and (used_at > now() - interval '5 minutes') is not true`,
    values: [keyId],
  });
}

export interface NewKey {
  /** A UUID v7. */
  readonly id: string;
  readonly storefrontId: string;
  readonly mode: KeyMode;
  readonly scopes: readonly Scope[];
  readonly name?: string | undefined;
}

/** @throws {Problem} `storefront.not-found`, `storefront.disabled`, `api-key.enough` */
export async function createKey(transaction: Transaction, wanted: NewKey): Promise<DrawnKey> {
  await mustTakeAnother(transaction, wanted);
  const drawn = drawKey(wanted.mode);
  await storeKey(transaction, drawn, wanted);
  return drawn;
}

/** Stores the key unless it is known already. One without a public part is found by its hash. */
export async function storeKey(
  transaction: Transaction,
  { prefix, key }: Pick<DrawnKey, 'key'> & Partial<DrawnKey>,
  { id, storefrontId, mode, scopes, name }: NewKey,
): Promise<void> {
  await transaction.query({
    text: `insert into api_keys (id, storefront_id, mode, prefix, key_hash, scopes, name) values ($1, $2, $3, $4, $5, $6, $7)
           on conflict (key_hash) do nothing`,
    values: [id, storefrontId, mode, prefix ?? null, hashOf(key), scopes, name ?? null],
  });
  await tellReleaseBefore(transaction, storefrontId);
}

/**
 * From now on the key opens nothing; processes of web may remember it for three seconds.
 * @returns false when it was revoked before
 */
export async function revokeKey(transaction: Transaction, keyId: string): Promise<boolean> {
  // Of two keys that are revoked at once the second is to know of the first.
  await transaction.query({
    text: 'select from storefronts where id = (select storefront_id from api_keys where id = $1) for update',
    values: [keyId],
  });
  const { rows } = await transaction.query<{ storefrontId: string }>({
    text: `update api_keys set revoked_at = now() where id = $1 and revoked_at is null
           returning storefront_id as "storefrontId"`,
    values: [keyId],
  });
  const revoked = rows[0];
  if (revoked === undefined) return false;
  await tellReleaseBefore(transaction, revoked.storefrontId);
  return true;
}

/** Locks the storefront, so that of two keys that are made at once the second knows of the first. */
async function mustTakeAnother(transaction: Transaction, { storefrontId, mode }: NewKey): Promise<void> {
  const { rows: storefronts } = await transaction.query<{ name: string; disabled: boolean }>({
    text: 'select name, revoked_at is not null as disabled from storefronts where id = $1 for update',
    values: [storefrontId],
  });
  const storefront = storefronts[0];
  if (storefront === undefined) throw storefrontNotFound(storefrontId);
  if (storefront.disabled)
    throw new Problem(
      'storefront.disabled',
      `${storefront.name} is disabled: no key of it is let in. Enable it first.`,
    );
  const { rows: keys } = await transaction.query<{ shown: string }>({
    text: `select coalesce(prefix, id::text) as shown from api_keys
           where storefront_id = $1 and mode = $2 and revoked_at is null order by id`,
    values: [storefrontId, mode],
  });
  if (keys.length < KEYS_AT_MOST) return;
  throw new Problem(
    'api-key.enough',
    `${storefront.name} has ${keys.length} ${mode} keys already, ${keys.map(({ shown }) => shown).join(' and ')}. ` +
      'Revoke the one that is no longer used.',
  );
}

/** Which that release lets every key have. */
const SCOPES_OF_BEFORE: readonly Scope[] = ['orders:write', 'orders:read', 'stock:write'];

/**
 * A release from before several keys knows one key of a storefront, by `storefronts.key_hash`, and no scopes: it is told the oldest
 * live key that may do all that it has (to be dropped: 20261122110000).
 */
async function tellReleaseBefore(transaction: Transaction, storefrontId: string): Promise<void> {
  await transaction.query({
    text: `update storefronts set key_hash = (
             select key_hash from api_keys
             where storefront_id = $1 and mode = 'live' and revoked_at is null and scopes @> $2 order by id limit 1)
           where id = $1`,
    values: [storefrontId, SCOPES_OF_BEFORE],
  });
}

export const storefrontNotFound = (id: string): Problem =>
  new Problem('storefront.not-found', `There is no storefront ${id}; list them to find it.`);
