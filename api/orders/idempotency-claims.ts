/** Which request an idempotency key belongs to: the first that was stored with it, per storefront. */
import type { Transaction } from '../../shared/postgres/database.js';
import { VersionConflict } from '../../shared/postgres/failure.js';

export interface KeyClaim {
  readonly storefrontId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: Buffer;
  readonly orderId: string;
}

/** The request that holds a key. */
export type KeyHolder = Pick<KeyClaim, 'fingerprint' | 'orderId'>;

/** One string for a storefront's key. */
export const keyOf = ({ storefrontId, idempotencyKey }: Pick<KeyClaim, 'storefrontId' | 'idempotencyKey'>): string =>
  `${storefrontId} ${idempotencyKey}`;

/**
 * Claims the keys, which must differ, and returns by `keyOf` who holds those that were taken. A key that another
 * transaction is claiming at this moment is waited for.
 */
export async function claimKeys(
  transaction: Transaction,
  claims: readonly KeyClaim[],
): Promise<ReadonlyMap<string, KeyHolder>> {
  const claimed = await transaction.query<Pick<KeyRow, 'storefront_id' | 'key'>>({
    name: 'idempotency-claim',
    // Sorted, so that two batches with the same keys never wait for each other in a circle.
    text: `insert into idempotency_keys (storefront_id, key, fingerprint, order_id)
           select * from unnest($1::uuid[], $2::text[], $3::bytea[], $4::uuid[]) as claim (storefront_id, key, fingerprint, order_id)
           order by storefront_id, key on conflict do nothing returning storefront_id, key`,
    values: [
      claims.map(({ storefrontId }) => storefrontId),
      claims.map(({ idempotencyKey }) => idempotencyKey),
      claims.map(({ fingerprint }) => fingerprint),
      claims.map(({ orderId }) => orderId),
    ],
  });
  if (claimed.rowCount === claims.length) return new Map();
  const fresh = new Set(claimed.rows.map(rowKey));
  const taken = claims.filter((claim) => !fresh.has(keyOf(claim)));
  const { rows } = await transaction.query<KeyRow>({
    name: 'idempotency-holders',
    text: `select storefront_id, key, fingerprint, order_id from idempotency_keys
           join unnest($1::uuid[], $2::text[]) as claim (storefront_id, key) using (storefront_id, key)`,
    values: [taken.map(({ storefrontId }) => storefrontId), taken.map(({ idempotencyKey }) => idempotencyKey)],
  });
  const holders = new Map(rows.map((row) => [rowKey(row), { fingerprint: row.fingerprint, orderId: row.order_id }]));
  const gone = taken.find((claim) => !holders.has(keyOf(claim)));
  // Forgotten, as old as it was, between the two statements.
  if (gone !== undefined) throw new VersionConflict(`the key of order ${gone.orderId} was held, and is not any more`);
  return holders;
}

/** Gives back keys claimed in the same transaction. */
export async function withdrawKeys(
  transaction: Transaction,
  claims: readonly Pick<KeyClaim, 'storefrontId' | 'idempotencyKey'>[],
): Promise<void> {
  await transaction.query({
    name: 'idempotency-withdraw',
    text: `delete from idempotency_keys using unnest($1::uuid[], $2::text[]) as claim (storefront_id, key)
           where idempotency_keys.storefront_id = claim.storefront_id and idempotency_keys.key = claim.key`,
    values: [claims.map(({ storefrontId }) => storefrontId), claims.map(({ idempotencyKey }) => idempotencyKey)],
  });
}

interface KeyRow {
  readonly storefront_id: string;
  readonly key: string;
  readonly fingerprint: Buffer;
  readonly order_id: string;
}

const rowKey = ({ storefront_id, key }: Pick<KeyRow, 'storefront_id' | 'key'>): string =>
  keyOf({ storefrontId: storefront_id, idempotencyKey: key });
