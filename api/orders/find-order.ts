/** Reads orders as they are shown. */
import type { Transaction } from '../../shared/postgres/database.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import { openIfReadable } from '../../shared/secrets/persons.js';
import { EMAIL_KEY_PARTS, emailKeySql, OCCASIONS, ResendMail } from '../../workers/email/messages.js';
import { DECIDED } from '../../workers/orders/messages.js';
import { OPERATORS_OWN } from './event-rows.js';
import { leastMessageId } from './order-id.js';
import { type OrderRow, type OrderView, viewOf } from './order-view.js';
import { personsUnread, type UnreadPersons } from './unread-persons.js';

export interface Reading {
  readonly database: Transaction;
  /** Opens who ordered, and where it goes. */
  readonly keyring: Keyring;
}

/** For storefronts, each of which reads its own rows only. */
export interface OwnReading extends Pick<Reading, 'keyring'> {
  readonly rows: StorefrontRows;
}

/**
 * What operators did about its mails is for operators: a storefront does not see it.
 * @param storefrontId whose order it has to be; undefined, for operators, finds it whosever it is
 * @throws {Problem} `order.persons-unread`
 */
export async function findOrder(
  { database, keyring }: Reading,
  orderId: string,
  storefrontId?: string,
): Promise<OrderView | undefined> {
  const { rows } = await database.query<OrderRow>({
    name: 'order-view',
    text: `${SELECT_VIEW} where orders.id = $2 and ($3::uuid is null or orders.storefront_id = $3)`,
    values: [leastMessageId([orderId]), orderId, storefrontId ?? null],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const seen = seenIn(row, keyring);
  if (seen.kind === 'unread') throw personsUnread(seen);
  const { view } = seen;
  // Hardly any order has them, so the look at every order does not look for them.
  if (!view.timeline.some(({ type }) => type === OPERATORS_OWN)) return view;
  if (storefrontId !== undefined) return asStorefrontsSee(view);
  return { ...view, emails: [...view.emails, ...(await resentMails(database, orderId))] };
}

/** An order, and the storefront that placed it. */
export interface OwnOrder {
  readonly orderId: string;
  readonly storefrontId: string;
}

/** An order as it is shown, or why it cannot be. */
export type Seen =
  | { readonly kind: 'seen'; readonly orderId: string; readonly view: OrderView }
  | ({ readonly kind: 'unread' } & UnreadPersons);

/**
 * Those of the orders of which it is known whether they are carried out, as their storefronts see them. They are looked for by a
 * statement that costs next to nothing: mostly there is none.
 */
export async function decidedOrders({ database, keyring }: Reading, orders: readonly OwnOrder[]): Promise<Seen[]> {
  const orderIds = orders.map(({ orderId }) => orderId);
  const decided = await database.query<{ id: string; storefront_id: string }>({
    name: 'orders-decided',
    text: `select id, storefront_id from unnest($1::uuid[], $2::uuid[]) as awaited (id, storefront_id)
           join orders using (id, storefront_id) where orders.status = any($3)`,
    values: [orderIds, orders.map(({ storefrontId }) => storefrontId), DECIDED],
  });
  if (decided.rowCount === 0) return [];
  const { rows } = await database.query<OrderRow>({
    name: 'order-views',
    text: `${SELECT_VIEW} where (orders.id, orders.storefront_id) in (select * from unnest($2::uuid[], $3::uuid[]))`,
    values: [
      leastMessageId(orderIds),
      decided.rows.map(({ id }) => id),
      decided.rows.map(({ storefront_id }) => storefront_id),
    ],
  });
  return rows.map((row) => {
    const seen = seenIn(row, keyring);
    return seen.kind === 'seen' ? { ...seen, view: asStorefrontsSee(seen.view) } : seen;
  });
}

function seenIn(row: OrderRow, keyring: Keyring): Seen {
  const read = openIfReadable(() => viewOf(row, keyring));
  if ('opened' in read) return { kind: 'seen', orderId: row.id, view: read.opened };
  const { code, message } = read.unread;
  return { kind: 'unread', orderId: row.id, code, message };
}

const asStorefrontsSee = (view: OrderView): OrderView => ({
  ...view,
  timeline: view.timeline.filter(({ type }) => type !== OPERATORS_OWN),
});

async function resentMails(database: Transaction, orderId: string): Promise<OrderView['emails']> {
  const { rows } = await database.query<{ occasion: string; sentAt: Date }>({
    name: 'order-resent-mails',
    text: `select payload ->> 'occasion' as occasion, sent_at as "sentAt" from event_log as log
           join emails on emails.id = ${emailKeySql('correlation_id', "payload ->> 'occasion'", "payload ->> 'resendId'")}
           where correlation_id = $1 and log.id >= $2 and log.type = $3 order by sent_at`,
    values: [orderId, leastMessageId([orderId]), ResendMail.name],
  });
  return rows.map(({ occasion, sentAt }) => ({ occasion, sentAt: sentAt.toISOString(), resent: true }));
}

/** Those of the order, but for what was sent again. */
const FIRST_MAILS = OCCASIONS.map((occasion) => emailKeySql('orders.id', `'${occasion}'`)).join(', ');

const SELECT_VIEW = `
  select orders.id, orders.status, orders.reference, orders.customer, orders.shipping_address, orders.lines,
    orders.total_amount, orders.currency, orders.cancel_reason, orders.placed_at, orders.persons_erased_at, order_keys.sealed_key,
    coalesce(payments.status, 'requested') as payment_status, payments.reason as payment_reason,
    coalesce(reservations.status, 'pending') as reservation_status,
    shipments.status as shipment_status, shipments.carrier, shipments.tracking_number,
    array(select jsonb_build_object('occasion', ${EMAIL_KEY_PARTS.occasion}, 'sentAt', emails.sent_at) from emails
          where emails.id in (${FIRST_MAILS})
          order by emails.sent_at) as emails,
    array(select jsonb_build_object('id', log.id, 'type', log.type, 'at', log.occurred_at) from event_log as log
          where log.correlation_id = orders.id and log.id >= $1 order by log.id) as timeline
  from orders
  left join order_keys on order_keys.order_id = orders.id
  left join payments on payments.order_id = orders.id
  left join reservations on reservations.order_id = orders.id
  left join shipments on shipments.order_id = orders.id`;
