/** What payment tells the world. */
import { event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { Money, OrderId } from '../../shared/messaging/vocabulary.js';

/** The provider holds the order's total. */
export const PaymentAuthorized = event(
  'payment.payment-authorized',
  1,
  Type.Object({ orderId: OrderId, amount: Money, authorizationId: Type.String() }),
);
export type PaymentAuthorized = Payload<typeof PaymentAuthorized>;

/** The provider refused; nothing is held. */
export const PaymentDeclined = event(
  'payment.payment-declined',
  1,
  Type.Object({ orderId: OrderId, reason: Type.String() }),
);
export type PaymentDeclined = Payload<typeof PaymentDeclined>;

/** The order's total was charged. */
export const PaymentCaptured = event('payment.payment-captured', 1, Type.Object({ orderId: OrderId, amount: Money }));
export type PaymentCaptured = Payload<typeof PaymentCaptured>;

/** The provider would not charge what it held; nothing was charged. */
export const PaymentCaptureRefused = event(
  'payment.payment-capture-refused',
  1,
  Type.Object({ orderId: OrderId, reason: Type.String() }),
);
export type PaymentCaptureRefused = Payload<typeof PaymentCaptureRefused>;

/** Nothing is held for the order any more, nor will be; nothing was charged. */
export const PaymentVoided = event('payment.payment-voided', 1, Type.Object({ orderId: OrderId }));
export type PaymentVoided = Payload<typeof PaymentVoided>;

/** What was charged was paid back. */
export const PaymentRefunded = event('payment.payment-refunded', 1, Type.Object({ orderId: OrderId, amount: Money }));
export type PaymentRefunded = Payload<typeof PaymentRefunded>;
