/** What orders tell the world, and what they obey. */
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import {
  Address,
  Customer,
  Line,
  Money,
  OrderId,
  Personal,
  Quantity,
  Sku,
  Uuid,
} from '../../shared/messaging/vocabulary.js';

/** For a version that only allows more. */
const asItIs = (older: unknown): unknown => older;

/**
 * Where an order can stand, in the order in which it gets there. One that is decided is known to be carried out or not, and storefronts that wait for it are answered; one
 * that has ended goes nowhere from there.
 */
const STATUSES = {
  INITIATED: 'open',
  CONFIRMED: 'decided',
  PAID: 'decided',
  SHIPPED: 'ended',
  // Something may still be held for it.
  CANCELLING: 'open',
  CANCELLED: 'ended',
} as const satisfies Readonly<Record<string, 'open' | 'decided' | 'ended'>>;
export type OrderStatus = keyof typeof STATUSES;
export type OrderEnd = { [S in OrderStatus]: (typeof STATUSES)[S] extends 'ended' ? S : never }[OrderStatus];

/** (The keys of an object are typed as texts.) */
export const ORDER_STATUSES = Object.keys(STATUSES) as OrderStatus[];
const ENDS: readonly string[] = ORDER_STATUSES.filter((status) => STATUSES[status] === 'ended');
/** What has ended is decided too. */
export const DECIDED: readonly OrderStatus[] = ORDER_STATUSES.filter((status) => STATUSES[status] !== 'open');

export const isAtItsEnd = ({ status }: { readonly status: string }): boolean => ENDS.includes(status);
/** The same of a row, in SQL. */
export const AT_ITS_END = `status in (${ENDS.map((status) => `'${status}'`).join(', ')})`;

/** Why an order was cancelled. */
export const CancelReason = Type.Union([
  Type.Literal('customer'),
  Type.Literal('out-of-stock'),
  Type.Literal('payment-declined'),
  Type.Literal('payment-capture-refused'),
  Type.Literal('shipment-refused'),
  Type.Literal('payment-overdue'),
  Type.Literal('confirmation-overdue'),
  Type.Literal('reservation-expired'),
  Type.Literal('shipment-overdue'),
]);
export type CancelReason = Type.Static<typeof CancelReason>;

/** Whose order it is. Messages of earlier releases do not say (to be dropped: 20261122117000). */
const OfStorefront = Type.Optional(Uuid);

/** A line with the price it was ordered at; `unitPrice` is in minor units of the order's currency. */
export const PricedLine = Type.Object({
  sku: Sku,
  quantity: Quantity,
  unitPrice: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
export type PricedLine = Type.Static<typeof PricedLine>;

/** A storefront placed the order; it is stored, priced and not yet paid. One line per SKU. Version 2 seals its persons. */
export const OrderPlaced = event(
  'orders.order-placed',
  2,
  Type.Object({
    orderId: OrderId,
    storefrontId: Uuid,
    reference: Type.Optional(Type.String()),
    customer: Personal(Customer),
    shippingAddress: Personal(Address),
    lines: Type.Array(PricedLine, { minItems: 1 }),
    total: Money,
  }),
  { 1: asItIs },
);
export type OrderPlaced = Payload<typeof OrderPlaced>;

/** Stock is reserved and payment authorized. Version 2 seals its customer. */
export const OrderConfirmed = event(
  'orders.order-confirmed',
  2,
  Type.Object({ orderId: OrderId, customer: Personal(Customer), lines: Type.Array(PricedLine), total: Money }),
  { 1: asItIs },
);
export type OrderConfirmed = Payload<typeof OrderConfirmed>;

/** Stock and payment are settled: it may be shipped. Version 2 seals its persons. */
export const OrderReady = event(
  'orders.order-ready',
  2,
  Type.Object({
    orderId: OrderId,
    storefrontId: OfStorefront,
    customer: Personal(Customer),
    shippingAddress: Personal(Address),
    lines: Type.Array(Line),
  }),
  { 1: asItIs },
);
export type OrderReady = Payload<typeof OrderReady>;

/** The order will not be shipped: what it holds is to be given back. Version 2 knows more reasons; version 3 seals its customer. */
export const OrderCancelled = event(
  'orders.order-cancelled',
  3,
  Type.Object({
    orderId: OrderId,
    storefrontId: OfStorefront,
    reason: CancelReason,
    customer: Personal(Customer),
    lines: Type.Array(Line),
  }),
  { 1: asItIs, 2: asItIs },
);
export type OrderCancelled = Payload<typeof OrderCancelled>;

/** Cancel the order if it has not been shipped. */
export const CancelOrder = command('orders.cancel-order', 1, Type.Object({ orderId: OrderId }));
export type CancelOrder = Payload<typeof CancelOrder>;

/** Cancel the order if its payment has not been authorized. */
export const EnforcePaymentDeadline = command('orders.enforce-payment-deadline', 1, Type.Object({ orderId: OrderId }));
export type EnforcePaymentDeadline = Payload<typeof EnforcePaymentDeadline>;

/** Cancel the order if it has not been confirmed. */
export const EnforceConfirmationDeadline = command(
  'orders.enforce-confirmation-deadline',
  1,
  Type.Object({ orderId: OrderId }),
);
export type EnforceConfirmationDeadline = Payload<typeof EnforceConfirmationDeadline>;

/** Cancel the order if it has not been shipped, unless the parcel cannot be held back any more. */
export const EnforceShippingDeadline = command(
  'orders.enforce-shipping-deadline',
  1,
  Type.Object({ orderId: OrderId }),
);
export type EnforceShippingDeadline = Payload<typeof EnforceShippingDeadline>;
