/** Messages that change nothing by themselves, and may come as often as they are asked for. */
import { ExpireReservation, ReservationExpired, SettleReservation } from '../../workers/inventory/messages.js';
import {
  CancelOrder,
  EnforceConfirmationDeadline,
  EnforcePaymentDeadline,
  EnforceShippingDeadline,
} from '../../workers/orders/messages.js';

export const REMINDERS: ReadonlySet<string> = new Set([
  CancelOrder.name,
  EnforcePaymentDeadline.name,
  EnforceConfirmationDeadline.name,
  EnforceShippingDeadline.name,
  ExpireReservation.name,
  ReservationExpired.name,
  SettleReservation.name,
]);
