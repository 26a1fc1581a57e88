/** Where an order stands, as all workers have left it. */
import Type, { type Static } from '../../shared/messaging/typebox.js';
import { Money, type Personal } from '../../shared/messaging/vocabulary.js';
import type { Keyring } from '../../shared/secrets/keyring.js';
import { openPersonal } from '../../shared/secrets/persons.js';
import { ORDER } from './order-example.js';

const Time = Type.String({ format: 'date-time' });

export const CustomerView = Type.Object({ name: Type.String(), email: Type.String() });
const AddressView = Type.Object({
  line1: Type.String(),
  line2: Type.Optional(Type.String()),
  city: Type.String(),
  region: Type.Optional(Type.String()),
  postalCode: Type.String(),
  country: Type.String(),
});

export const OrderView = Type.Object(
  {
    orderId: Type.String(),
    status: Type.String(),
    reference: Type.Optional(Type.String()),
    /** Null once it is erased. */
    customer: Type.Union([CustomerView, Type.Null()]),
    /** Null once it is erased. */
    shippingAddress: Type.Union([AddressView, Type.Null()]),
    /** When who ordered and where it went was erased. */
    personsErasedAt: Type.Optional(Time),
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
  },
  { title: 'Order', description: 'Where the order stands, as all workers have left it.', examples: [ORDER] },
);
export type OrderView = Static<typeof OrderView>;

/** An order with what stands in the tables of the workers. */
export interface OrderRow {
  readonly id: string;
  readonly status: string;
  readonly reference: string | null;
  readonly customer: Personal<Static<typeof CustomerView>>;
  readonly shipping_address: Personal<Static<typeof AddressView>>;
  readonly sealed_key: string | null;
  readonly persons_erased_at: Date | null;
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

/** @throws {TransientError} `secret.key-missing` @throws {PermanentError} `secret.unreadable` */
export function viewOf(row: OrderRow, keyring: Keyring): OrderView {
  const { currency } = row;
  return {
    orderId: row.id,
    status: row.status,
    ...(row.reference === null ? {} : { reference: row.reference }),
    ...personsOf(row, keyring),
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

function personsOf(
  { id: orderId, customer, shipping_address, sealed_key, persons_erased_at }: OrderRow,
  keyring: Keyring,
): Pick<OrderView, 'customer' | 'shippingAddress' | 'personsErasedAt'> {
  if (persons_erased_at !== null)
    return { customer: null, shippingAddress: null, personsErasedAt: persons_erased_at.toISOString() };
  const key = { orderId, sealedKey: sealed_key ?? undefined };
  return {
    customer: openPersonal(keyring, key, 'customer', customer),
    shippingAddress: openPersonal(keyring, key, 'shipping-address', shipping_address),
  };
}

/** A time as PostgreSQL writes it in JSON, in UTC and milliseconds. */
const utc = (time: string): string => new Date(time).toISOString();
