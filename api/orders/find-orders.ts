/**
 * Orders that fit, the newest first. There are indexes for the id, the reference and the
 * e-mail address of each storefront's orders, which never change; one
 * for the status would cost every order's every step, so the rest is looked for among a bounded number of orders a page.
 */
import { leastId } from '../../shared/messaging/message-id.js';
import type { Customer, Personal } from '../../shared/messaging/vocabulary.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import { openIfReadable, openPersonal } from '../../shared/secrets/persons.js';
import type { Reading } from './find-order.js';
import type { OrderView } from './order-view.js';
import type { UnreadPersons } from './unread-persons.js';

/** Of one customer or reference. They lie anywhere: from a disk 10,000 took 0.6 s. */
const SCATTERED_AT_MOST = 4000;

/**
 * A message id is drawn so long at most before the order is stored, and its clock may be so wrong; in milliseconds. It only spares
 * looking further: `placed_at` decides.
 */
const PLACED_AFTER_ID_MS = 60_000;
const PLACED_BEFORE_ID_MS = 10_000;

export interface OrderFilter {
  /** Undefined, for operators: of whatever storefront. */
  readonly storefrontId?: string | undefined;
  readonly status?: string | undefined;
  readonly reference?: string | undefined;
  readonly email?: string | undefined;
  readonly sku?: string | undefined;
  /** Why it was cancelled. */
  readonly reason?: string | undefined;
  /** Placed then or later. */
  readonly from?: Date | undefined;
  /** Placed before. */
  readonly to?: Date | undefined;
}

export interface FoundOrder {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  /** Null once who ordered is erased, and while no key opens it. */
  readonly customer: OrderView['customer'];
  /** It is not erased, and no key opens it. */
  readonly customerUnread?: true;
  readonly total: { readonly amount: number; readonly currency: string };
  readonly cancelReason: string | null;
  readonly placedAt: Date;
}

export interface OrdersFound {
  readonly orders: readonly FoundOrder[];
  /** The last order that was looked at, found or not, while there may be more; a page may thus be short, or empty. */
  readonly more: string | undefined;
  /** Those of the orders whose customers cannot be read, and why. */
  readonly unread: readonly UnreadPersons[];
}

export interface PageOfOrders {
  /** Orders of a page. */
  readonly limit: number;
  /** Only orders with lesser ids. */
  readonly before: string | undefined;
  /** Orders that one page looks at, where no index tells which fit. They lie side by side. */
  readonly looksAtMost: number;
}

export async function findOrders(
  { database, keyring }: Reading,
  filter: OrderFilter,
  page: PageOfOrders,
): Promise<OrdersFound> {
  const { limit } = page;
  const { rows } = await database.query<FoundRow>(statementOf(filter, keyring, page));
  const found = rows.filter(({ fits }) => fits).slice(0, limit);
  const unread: UnreadPersons[] = [];
  const orders = found.map((row) => orderOf(row, keyring, unread));
  // One more than asked for, or a row that only marks where the look ended, tells that there is more.
  const last = rows.length > found.length ? (found.length === limit ? found.at(-1) : rows.at(-1)) : undefined;
  return { orders, more: last?.id, unread };
}

function statementOf(
  { storefrontId, status, reference, email, sku, reason, from, to }: OrderFilter,
  keyring: Keyring,
  { limit, before, looksAtMost }: PageOfOrders,
): { readonly text: string; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const named = reference === undefined ? [] : [`reference = ${bind(reference)}`];
  const customer = email === undefined ? ['true'] : waysToCustomer(email, keyring, bind);
  const bounds = [
    ...(storefrontId === undefined ? [] : [`storefront_id = ${bind(storefrontId)}`]),
    ...(before === undefined ? [] : [`id < ${bind(before)}::uuid`]),
    ...(from === undefined ? [] : [`placed_at >= ${bind(from)}`, `id >= ${bind(idFrom(from))}::uuid`]),
    ...(to === undefined ? [] : [`placed_at < ${bind(to)}`, `id < ${bind(idBefore(to))}::uuid`]),
  ];
  const looked = [
    ...(status === undefined ? [] : [`status = ${bind(status)}`]),
    ...(reason === undefined ? [] : [`cancel_reason = ${bind(reason)}`]),
    ...(sku === undefined ? [] : [`lines @> ${bind(JSON.stringify([{ sku }]))}::jsonb`]),
  ];
  // Each way to a customer is an index of its own, in the order of ids; with `or` all orders of the customer would be read and sorted.
  const newest = (most: string): string => {
    const ways = customer.map(
      (way) =>
        `(select * from orders where ${[way, ...named, ...bounds].join(' and ')} order by id desc limit ${most})`,
    );
    return ways.length === 1 ? ways.join() : `(${ways.join(' union all ')} order by id desc limit ${most})`;
  };
  if (looked.length === 0) {
    const text = `select ${COLUMNS}, true as fits from ${newest(bind(limit + 1))} as newest order by id desc`;
    return { text, values };
  }
  const conditions = looked.join(' and ');
  const most = `${named.length > 0 || email !== undefined ? Math.min(SCATTERED_AT_MOST, looksAtMost) : looksAtMost}`;
  return {
    text: `with looked_at as ${newest(most)},
             found as (select ${COLUMNS}, true as fits from looked_at where ${conditions} order by id desc limit ${bind(limit + 1)}),
             ended as (select ${COLUMNS}, false as fits from looked_at order by id offset 0 limit 1)
           select * from found
           union all
           select * from ended
             where (select count(*) from looked_at) = ${most} and (select count(*) from found) <= ${bind(limit)}`,
    values,
  };
}

/**
 * Conditions of which an order fits one: orders of a release before sealed persons have no digest, but their address in a column, in
 * lower case (to be dropped: 20261122111001).
 */
const waysToCustomer = (email: string, keyring: Keyring, bind: (value: unknown) => string): string[] => [
  ...keyring.customerDigests(email).map((digest) => `customer_digest = ${bind(digest)}`),
  `email = lower(${bind(email)}) and customer_digest is null`,
];

const idFrom = (time: Date): string => leastId(Math.max(0, time.getTime() - PLACED_AFTER_ID_MS));
const idBefore = (time: Date): string => leastId(Math.max(0, time.getTime() + PLACED_BEFORE_ID_MS));

const COLUMNS = `id, status, reference, customer, persons_erased_at is not null as erased, total_amount, currency, cancel_reason, placed_at,
  (select sealed_key from order_keys where order_id = id) as sealed_key`;

interface FoundRow {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  readonly customer: Personal<Customer>;
  readonly erased: boolean;
  readonly sealed_key: string | null;
  readonly total_amount: number;
  readonly currency: string;
  readonly cancel_reason: string | null;
  readonly placed_at: Date;
  /** False for a row that only marks where the look ended. */
  readonly fits: boolean;
}

/** @param unread is told of one whose customer cannot be read */
const orderOf = (row: FoundRow, keyring: Keyring, unread: UnreadPersons[]): FoundOrder => ({
  id: row.id,
  status: row.status,
  reference: row.reference,
  ...(row.erased ? { customer: null } : customerOf(row, keyring, unread)),
  total: { amount: row.total_amount, currency: row.currency },
  cancelReason: row.cancel_reason,
  placedAt: row.placed_at,
});

function customerOf(
  { id: orderId, customer, sealed_key }: FoundRow,
  keyring: Keyring,
  unread: UnreadPersons[],
): Pick<FoundOrder, 'customer' | 'customerUnread'> {
  const key = { orderId, sealedKey: sealed_key ?? undefined };
  const read = openIfReadable(() => openPersonal<Customer>(keyring, key, 'customer', customer));
  if ('opened' in read) return { customer: read.opened };
  const { code, message } = read.unread;
  unread.push({ orderId, code, message });
  return { customer: null, customerUnread: true };
}
