/** Which request an idempotency key belongs to: the first that was stored or refused with it, per storefront. */
import type { Transaction } from '../../shared/postgres/database.js';
import { VersionConflict } from '../../shared/postgres/failure.js';

export interface KeyClaim {
  readonly storefrontId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: Buffer;
  readonly orderId: string;
}

/** What a request was told instead of getting an order: a problem, to be told again as it was. */
export interface Refusal {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The request that holds a key, and what it was answered. */
export type KeyHolder = Pick<KeyClaim, 'fingerprint'> & ({ readonly orderId: string } | { readonly refusal: Refusal });

/** One string for a storefront's key. */
export const keyOf = ({ storefrontId, idempotencyKey }: Pick<KeyClaim, 'storefrontId' | 'idempotencyKey'>): string =>
  `${storefrontId} ${idempotencyKey}`;

/**
 * Claims the keys, which must differ, and returns by `keyOf` who holds those that were taken, or `in-flight` for one that
 * another transaction is claiming at this moment. Waits for none of them: each claimant locks its keys, and who does not get
 * a lock leaves the key alone. The unique index still decides.
 */
export async function claimKeys(
  transaction: Transaction,
  claims: readonly KeyClaim[],
): Promise<ReadonlyMap<string, KeyHolder | 'in-flight'>> {
  const { rows: taken } = await transaction.query<TakenRow>({
    name: 'idempotency-claim',
    // Sorted, so that two batches with the same keys never wait for each other in a circle: a process of an earlier release
    // locks nothing, and is waited for.
    text: `with claim as materialized (
             select *, pg_try_advisory_xact_lock(hashtextextended(storefront_id || ' ' || key, ${LOCK_SEED})) as free
             from unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[]) as claim (storefront_id, key, fingerprint, order_id)),
           claimed as (
             insert into idempotency_keys (storefront_id, key, fingerprint, order_id)
             select storefront_id, key, fingerprint, order_id from claim where free
             order by storefront_id, key on conflict do nothing returning storefront_id, key)
           select storefront_id, key, free from claim
           where (select count(*) from claimed) < cardinality($1::uuid[])
             and not exists (select from claimed where claimed.storefront_id = claim.storefront_id and claimed.key = claim.key)`,
    values: [
      claims.map(({ storefrontId }) => storefrontId),
      claims.map(({ idempotencyKey }) => idempotencyKey),
      claims.map(({ fingerprint }) => fingerprint),
      claims.map(({ orderId }) => orderId),
    ],
  });
  return taken.length === 0 ? new Map() : holdersOf(transaction, taken);
}

/** Keeps these locks apart from others that are named by a hash. */
const LOCK_SEED = 4201;

async function holdersOf(
  transaction: Transaction,
  taken: readonly TakenRow[],
): Promise<ReadonlyMap<string, KeyHolder | 'in-flight'>> {
  const { rows } = await transaction.query<HolderRow>({
    name: 'idempotency-holders',
    text: `select storefront_id, key, substr(fingerprint, 1, ${HASH_BYTES}) as fingerprint, order_id, refusal
           from idempotency_keys join unnest($1::uuid[], $2::text[]) as claim (storefront_id, key) using (storefront_id, key)`,
    values: [taken.map(({ storefront_id }) => storefront_id), taken.map(({ key }) => key)],
  });
  const holders = new Map<string, KeyHolder | 'in-flight'>(rows.map((row) => [rowKey(row), holderOf(row)]));
  for (const row of taken) {
    if (holders.has(rowKey(row))) continue;
    // Forgotten, as old as it was, between the two statements.
    if (row.free) throw new VersionConflict(`the key ${row.key} was held, and is not any more`);
    holders.set(rowKey(row), 'in-flight');
  }
  return holders;
}

/** Lets keys that were claimed in the same transaction lead to refusals instead of orders. */
export async function keepRefusals(
  transaction: Transaction,
  refused: readonly (Pick<KeyClaim, 'storefrontId' | 'idempotencyKey'> & { readonly refusal: Refusal })[],
): Promise<void> {
  if (refused.length === 0) return;
  await transaction.query({
    name: 'idempotency-refuse',
    text: `update idempotency_keys as held set order_id = null, refusal = refused.refusal, fingerprint = fingerprint || '\\x00'::bytea
           from unnest($1::uuid[], $2::text[], $3::text[]::json[]) as refused (storefront_id, key, refusal)
           where held.storefront_id = refused.storefront_id and held.key = refused.key`,
    values: [
      refused.map(({ storefrontId }) => storefrontId),
      refused.map(({ idempotencyKey }) => idempotencyKey),
      refused.map(({ refusal }) => JSON.stringify(refusal)),
    ],
  });
}

/** Of a SHA-256; a refusal's fingerprint is longer, so that an earlier release takes it for another body's. */
const HASH_BYTES = 32;

interface KeyRow {
  readonly storefront_id: string;
  readonly key: string;
}

interface TakenRow extends KeyRow {
  /** False: another transaction has locked it. */
  readonly free: boolean;
}

interface HolderRow extends KeyRow {
  readonly fingerprint: Buffer;
  readonly order_id: string | null;
  readonly refusal: Refusal | null;
}

const rowKey = ({ storefront_id, key }: KeyRow): string => keyOf({ storefrontId: storefront_id, idempotencyKey: key });

function holderOf({ key, fingerprint, order_id, refusal }: HolderRow): KeyHolder {
  if (refusal !== null) return { fingerprint, refusal };
  if (order_id === null) throw new TypeError(`the key ${key} leads to an order or to a refusal`);
  return { fingerprint, orderId: order_id };
}
