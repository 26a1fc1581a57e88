/** What shipping tells the world, and what it obeys. */
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { Customer, Line, OrderId, Personal, Uuid } from '../../shared/messaging/vocabulary.js';

/**
 * The carrier has the parcel. Version 2 seals its customer. Messages of earlier releases do not say whose order it is
 * (to be dropped: 20261122117000).
 */
export const OrderShipped = event(
  'shipping.order-shipped',
  2,
  Type.Object({
    orderId: OrderId,
    storefrontId: Type.Optional(Uuid),
    customer: Personal(Customer),
    carrier: Type.String(),
    trackingNumber: Type.String(),
    lines: Type.Array(Line),
  }),
  { 1: (shipped) => shipped },
);
export type OrderShipped = Payload<typeof OrderShipped>;

/** The carrier would not take the parcel; it was not shipped and will not be. */
export const ShipmentRefused = event(
  'shipping.shipment-refused',
  1,
  Type.Object({ orderId: OrderId, reason: Type.String() }),
);
export type ShipmentRefused = Payload<typeof ShipmentRefused>;

/** The parcel was stopped in time; it was not shipped and will not be. */
export const ShipmentCancelled = event('shipping.shipment-cancelled', 1, Type.Object({ orderId: OrderId }));
export type ShipmentCancelled = Payload<typeof ShipmentCancelled>;

/** Stop the parcel if the carrier does not have it yet. */
export const CancelShipment = command('shipping.cancel-shipment', 1, Type.Object({ orderId: OrderId }));
export type CancelShipment = Payload<typeof CancelShipment>;

/** Find out what the carrier has of a parcel that is not to be shipped, and take it back. Shipping asks it of itself. */
export const TakeParcelBack = command('shipping.take-parcel-back', 1, Type.Object({ orderId: OrderId }));
export type TakeParcelBack = Payload<typeof TakeParcelBack>;
