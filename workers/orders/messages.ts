/** What orders tell the world, and what they obey. */
import Type from 'typebox';
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import { Address, Customer, Line, Money, OrderId, Quantity, Sku, Uuid } from '../../shared/messaging/vocabulary.js';

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

/** A line with the price it was ordered at; `unitPrice` is in minor units of the order's currency. */
export const PricedLine = Type.Object({
  sku: Sku,
  quantity: Quantity,
  unitPrice: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
});
export type PricedLine = Type.Static<typeof PricedLine>;

/** A storefront placed the order; it is stored, priced and not yet paid. One line per SKU. */
export const OrderPlaced = event(
  'orders.order-placed',
  1,
  Type.Object({
    orderId: OrderId,
    storefrontId: Uuid,
    reference: Type.Optional(Type.String()),
    customer: Customer,
    shippingAddress: Address,
    lines: Type.Array(PricedLine, { minItems: 1 }),
    total: Money,
  }),
);
export type OrderPlaced = Payload<typeof OrderPlaced>;

/** Stock is reserved and payment authorized. */
export const OrderConfirmed = event(
  'orders.order-confirmed',
  1,
  Type.Object({ orderId: OrderId, customer: Customer, lines: Type.Array(PricedLine), total: Money }),
);
export type OrderConfirmed = Payload<typeof OrderConfirmed>;

/** Stock and payment are settled: it may be shipped. */
export const OrderReady = event(
  'orders.order-ready',
  1,
  Type.Object({ orderId: OrderId, customer: Customer, shippingAddress: Address, lines: Type.Array(Line) }),
);
export type OrderReady = Payload<typeof OrderReady>;

/** The order will not be shipped: what it holds is to be given back. Version 2 knows more reasons. */
export const OrderCancelled = event(
  'orders.order-cancelled',
  2,
  Type.Object({ orderId: OrderId, reason: CancelReason, customer: Customer, lines: Type.Array(Line) }),
  { 1: (cancelled) => cancelled },
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
