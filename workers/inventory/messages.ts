/** What inventory tells the world, and what it obeys. */
import { command, event, type Payload } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { Line, OrderId, Sku, Uuid } from '../../shared/messaging/vocabulary.js';

/** All lines of the order are set aside. */
export const StockReserved = event(
  'inventory.stock-reserved',
  1,
  Type.Object({ orderId: OrderId, lines: Type.Array(Line) }),
);
export type StockReserved = Payload<typeof StockReserved>;

/** At least one line is short; nothing is set aside. Quantities in pieces. */
export const StockReservationFailed = event(
  'inventory.stock-reservation-failed',
  1,
  Type.Object({
    orderId: OrderId,
    shortages: Type.Array(Type.Object({ sku: Sku, requested: Type.Integer(), available: Type.Integer() })),
  }),
);
export type StockReservationFailed = Payload<typeof StockReservationFailed>;

/** Nothing is set aside for the order any more, nor will be; `lines` is what went back on hand. */
export const StockReleased = event(
  'inventory.stock-released',
  1,
  Type.Object({ orderId: OrderId, lines: Type.Array(Line) }),
);
export type StockReleased = Payload<typeof StockReleased>;

/** What is set aside for the order has been so for as long as an unconfirmed order may keep it. It still is. */
export const ReservationExpired = event('inventory.reservation-expired', 1, Type.Object({ orderId: OrderId }));
export type ReservationExpired = Payload<typeof ReservationExpired>;

/** Tell that the reservation has expired, if it is still there. */
export const ExpireReservation = command('inventory.expire-reservation', 1, Type.Object({ orderId: OrderId }));
export type ExpireReservation = Payload<typeof ExpireReservation>;

/**
 * Give back or hand over what is set aside for the order. Inventory asks it of itself, where an earlier release told the end of an
 * order and not whose stock it has (to be dropped: 20261122117000).
 */
export const SettleReservation = command(
  'inventory.settle-reservation',
  1,
  Type.Object({
    orderId: OrderId,
    storefrontId: Uuid,
    lines: Type.Array(Line),
    as: Type.Union([Type.Literal('released'), Type.Literal('shipped')]),
  }),
);
export type SettleReservation = Payload<typeof SettleReservation>;
