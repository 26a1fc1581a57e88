/** Where an order stands, as all workers have left it. */
import Type, { type Static } from 'typebox';
import { Money } from '../../shared/messaging/vocabulary.js';
import type { Database } from '../../shared/postgres/database.js';
import { ResendMail } from '../../workers/email/messages.js';
import { OPERATORS_OWN } from './event-rows.js';
import { leastMessageId } from './order-id.js';

const Time = Type.String({ format: 'date-time' });

export const OrderView = Type.Object({
  orderId: Type.String(),
  status: Type.String(),
  reference: Type.Optional(Type.String()),
  customer: Type.Object({ name: Type.String(), email: Type.String() }),
  shippingAddress: Type.Object({
    line1: Type.String(),
    line2: Type.Optional(Type.String()),
    city: Type.String(),
    region: Type.Optional(Type.String()),
    postalCode: Type.String(),
    country: Type.String(),
  }),
  lines: Type.Array(Type.Object({ sku: Type.String(), quantity: Type.Integer(), unitPrice: Money })),
  total: Money,
  payment: Type.Object({ status: Type.String(), reason: Type.Optional(Type.String()) }),
  reservation: Type.Object({ status: Type.String() }),
  shipment: Type.Union([
    Type.Object({
      status: Type.String(),
      carrier: Type.Union([Type.String(), Type.Null()]),
      trackingNumber: Type.Union([Type.String(), Type.Null()]),
    }),
    Type.Null(),
  ]),
  emails: Type.Array(
    Type.Object({
      occasion: Type.String(),
      sentAt: Time,
      /** It had been sent before, and an operator had it sent again; only operators see these. */
      resent: Type.Optional(Type.Literal(true)),
    }),
  ),
  cancelReason: Type.Optional(Type.String()),
  placedAt: Time,
  timeline: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), at: Time })),
});
export type OrderView = Static<typeof OrderView>;

/**
 * What operators did about its mails is for operators: a storefront does not see it.
 * @param storefrontId whose order it has to be; undefined, for operators, finds it whosever it is
 */
export async function findOrder(
  database: Database,
  orderId: string,
  storefrontId?: string,
): Promise<OrderView | undefined> {
  const { rows } = await database.query<OrderRow>({
    name: 'order-view',
    text: ORDER_VIEW,
    values: [orderId, storefrontId ?? null, leastMessageId([orderId])],
  });
  const [row] = rows;
  if (row === undefined) return undefined;
  const view = viewOf(row);
  // Hardly any order has them, so the look at every order does not look for them.
  if (!view.timeline.some(({ type }) => type === OPERATORS_OWN)) return view;
  if (storefrontId !== undefined) {
    return { ...view, timeline: view.timeline.filter(({ type }) => type !== OPERATORS_OWN) };
  }
  return { ...view, emails: [...view.emails, ...(await resentMails(database, orderId))] };
}

async function resentMails(database: Database, orderId: string): Promise<OrderView['emails']> {
  const { rows } = await database.query<{ occasion: string; sentAt: Date }>({
    name: 'order-resent-mails',
    text: `select payload ->> 'occasion' as occasion, sent_at as "sentAt" from event_log as log
           join emails on emails.id = correlation_id || ':' || (payload ->> 'occasion') || ':' || (payload ->> 'resendId')
           where correlation_id = $1 and log.id >= $2 and log.type = $3 order by sent_at`,
    values: [orderId, leastMessageId([orderId]), ResendMail.name],
  });
  return rows.map(({ occasion, sentAt }) => ({ occasion, sentAt: sentAt.toISOString(), resent: true }));
}

const ORDER_VIEW = `
  select orders.id, orders.status, orders.reference, orders.customer, orders.shipping_address, orders.lines,
    orders.total_amount, orders.currency, orders.cancel_reason, orders.placed_at,
    coalesce(payments.status, 'requested') as payment_status, payments.reason as payment_reason,
    coalesce(reservations.status, 'pending') as reservation_status,
    shipments.status as shipment_status, shipments.carrier, shipments.tracking_number,
    array(select jsonb_build_object('occasion', split_part(emails.id, ':', 2), 'sentAt', emails.sent_at) from emails
          where emails.id in (orders.id || ':confirmed', orders.id || ':shipped', orders.id || ':cancelled')
          order by emails.sent_at) as emails,
    array(select jsonb_build_object('id', log.id, 'type', log.type, 'at', log.occurred_at) from event_log as log
          where log.correlation_id = orders.id and log.id >= $3 order by log.id) as timeline
  from orders
  left join payments on payments.order_id = orders.id
  left join reservations on reservations.order_id = orders.id
  left join shipments on shipments.order_id = orders.id
  where orders.id = $1 and ($2::uuid is null or orders.storefront_id = $2)`;

interface OrderRow {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  readonly customer: OrderView['customer'];
  readonly shipping_address: OrderView['shippingAddress'];
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly unitPrice: number }[];
  readonly total_amount: number;
  readonly currency: string;
  readonly cancel_reason: string | null;
  readonly placed_at: Date;
  readonly payment_status: string;
  readonly payment_reason: string | null;
  readonly reservation_status: string;
  readonly shipment_status: string | null;
  readonly carrier: string | null;
  readonly tracking_number: string | null;
  readonly emails: readonly { readonly occasion: string; readonly sentAt: string }[];
  readonly timeline: readonly { readonly id: string; readonly type: string; readonly at: string }[];
}

function viewOf(row: OrderRow): OrderView {
  const { currency } = row;
  return {
    orderId: row.id,
    status: row.status,
    ...(row.reference === null ? {} : { reference: row.reference }),
    customer: row.customer,
    shippingAddress: row.shipping_address,
    lines: row.lines.map(({ sku, quantity, unitPrice }) => ({
      sku,
      quantity,
      unitPrice: { amount: unitPrice, currency },
    })),
    total: { amount: row.total_amount, currency },
    payment: { status: row.payment_status, ...(row.payment_reason === null ? {} : { reason: row.payment_reason }) },
    reservation: { status: row.reservation_status },
    shipment:
      row.shipment_status === null
        ? null
        : { status: row.shipment_status, carrier: row.carrier, trackingNumber: row.tracking_number },
    emails: row.emails.map(({ occasion, sentAt }) => ({ occasion, sentAt: utc(sentAt) })),
    ...(row.cancel_reason === null ? {} : { cancelReason: row.cancel_reason }),
    placedAt: row.placed_at.toISOString(),
    timeline: row.timeline.map(({ id, type, at }) => ({ id, type, at: utc(at) })),
  };
}

/** A time as PostgreSQL writes it in JSON, in UTC and milliseconds. */
const utc = (time: string): string => new Date(time).toISOString();
