/**
 * Orders that fit, the newest first. There is an index for the id, the reference and the e-mail address, which never change; one
 * for the status would cost every order's every step, so the rest is looked for among a bounded number of orders a page.
 */
import { v7 } from 'uuid';
import type { Transaction } from '../../../shared/postgres/database.js';

/** Orders that one page looks at, where no index tells which fit. They lie side by side. */
const LOOKED_AT_AT_MOST = 20_000;
/** Of one customer or reference. They lie anywhere: from a disk 10,000 took 0.6 s. */
const SCATTERED_AT_MOST = 4000;

export interface OrderFilter {
  readonly status?: string | undefined;
  readonly reference?: string | undefined;
  readonly email?: string | undefined;
  readonly sku?: string | undefined;
  /** Why it was cancelled. */
  readonly reason?: string | undefined;
  /** Placed so many seconds ago at least. */
  readonly olderThanS?: number | undefined;
}

export interface ListedOrder {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  readonly email: string;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly cancelReason: string | null;
  readonly placedAt: Date;
}

export interface OrdersFound {
  readonly orders: readonly ListedOrder[];
  /** The last order that was looked at, found or not, while there may be more; a page may thus be short, or empty. */
  readonly more: string | undefined;
}

export async function findOrders(
  database: Transaction,
  filter: OrderFilter,
  { limit, after, now }: { readonly limit: number; readonly after: string | undefined; readonly now: Date },
): Promise<OrdersFound> {
  const { text, values } = statementOf(filter, { limit, before: earliest(after, filter.olderThanS, now) });
  const { rows } = await database.query<FoundRow>({ text, values });
  const found = rows.filter(({ fits }) => fits).slice(0, limit);
  const orders = found.map(orderOf);
  // One more than asked for, or a row that only marks where the look ended, tells that there is more.
  const last = rows.length > found.length ? (found.length === limit ? found.at(-1) : rows.at(-1)) : undefined;
  return { orders, more: last?.id };
}

/** Where the page begins: below the last id that was seen, and below what is younger than asked for. */
function earliest(after: string | undefined, olderThanS: number | undefined, now: Date): string | undefined {
  if (olderThanS === undefined) return after;
  const bound = v7({ msecs: now.getTime() - olderThanS * 1000, seq: 0, random: new Uint8Array(16) });
  return after !== undefined && after < bound ? after : bound;
}

function statementOf(
  { status, reference, email, sku, reason }: OrderFilter,
  { limit, before }: { readonly limit: number; readonly before: string | undefined },
): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const from = before === undefined ? '' : `and id < ${bind(before)}::uuid`;
  const indexed = [
    ...(reference === undefined ? [] : [`reference = ${bind(reference)}`]),
    ...(email === undefined ? [] : [`lower(customer ->> 'email') = lower(${bind(email)})`]),
  ];
  const looked = [
    ...(status === undefined ? [] : [`status = ${bind(status)}`]),
    ...(reason === undefined ? [] : [`cancel_reason = ${bind(reason)}`]),
    ...(sku === undefined ? [] : [`lines @> ${bind(JSON.stringify([{ sku }]))}::jsonb`]),
  ];
  const among = `${[...indexed, 'true'].join(' and ')} ${from}`;
  if (looked.length === 0) {
    const text = `select ${COLUMNS}, true as fits from orders where ${among} order by id desc limit ${bind(limit + 1)}`;
    return { text, values };
  }
  const conditions = looked.join(' and ');
  const most = indexed.length > 0 ? SCATTERED_AT_MOST : LOOKED_AT_AT_MOST;
  return {
    text: `with looked_at as (select * from orders where ${among} order by id desc limit ${most}),
             found as (select ${COLUMNS}, true as fits from looked_at where ${conditions} order by id desc limit ${bind(limit + 1)}),
             ended as (select ${COLUMNS}, false as fits from looked_at order by id offset 0 limit 1)
           select * from found
           union all
           select * from ended
             where (select count(*) from looked_at) = ${most} and (select count(*) from found) <= ${bind(limit)}`,
    values,
  };
}

const COLUMNS = `id, status, reference, customer ->> 'email' as email, total_amount, currency, cancel_reason, placed_at`;

interface FoundRow {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  readonly email: string;
  readonly total_amount: number;
  readonly currency: string;
  readonly cancel_reason: string | null;
  readonly placed_at: Date;
  /** False for a row that only marks where the look ended. */
  readonly fits: boolean;
}

const orderOf = (row: FoundRow): ListedOrder => ({
  id: row.id,
  status: row.status,
  reference: row.reference,
  email: row.email,
  total: { amount: row.total_amount, currency: row.currency },
  cancelReason: row.cancel_reason,
  placedAt: row.placed_at,
});
