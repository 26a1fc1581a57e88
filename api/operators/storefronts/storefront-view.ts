/** Storefronts as operators see them. */
import type { Transaction } from '../../../shared/postgres/database.js';
import { storefrontNotFound } from '../../storefronts/stored-keys.js';

export interface StorefrontView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** While it is, no key of it is let in. */
  readonly disabledAt: Date | null;
  /** Keys that are not revoked. */
  readonly keys: number;
}

const SELECT = `
  select id, name, created_at as "createdAt", revoked_at as "disabledAt",
    (select count(*) from api_keys where storefront_id = storefronts.id and revoked_at is null) as keys
  from storefronts`;

/** In the order they were made. @param after from this id on */
export async function listStorefronts(
  database: Transaction,
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<StorefrontView[]> {
  const { rows } = await database.query<StorefrontView>({
    text: `${SELECT} where $1::uuid is null or id > $1 order by id limit $2`,
    values: [after ?? null, limit],
  });
  return rows;
}

/** The storefront, locked until the transaction ends. @throws {Problem} `storefront.not-found` */
export async function lockStorefront(transaction: Transaction, id: string): Promise<StorefrontView> {
  const { rows } = await transaction.query<StorefrontView>({
    text: `${SELECT} where id = $1 for update`,
    values: [id],
  });
  const [storefront] = rows;
  if (storefront === undefined) throw storefrontNotFound(id);
  return storefront;
}
