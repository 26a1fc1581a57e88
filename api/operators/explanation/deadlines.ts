/** The timers that an order may wait for, and what follows when they fall due. Pure. */
import { ExpireReservation } from '../../../workers/inventory/messages.js';
import {
  EnforceConfirmationDeadline,
  EnforcePaymentDeadline,
  EnforceShippingDeadline,
} from '../../../workers/orders/messages.js';
import type { TimerFacts } from './evidence.js';

export interface Deadline {
  readonly type: string;
  readonly dueAt: string;
  /** What happens then. */
  readonly follows: string;
}

const FOLLOWS: ReadonlyMap<string, string> = new Map([
  [EnforcePaymentDeadline.name, 'unless payment is authorized by then, the order is cancelled as payment-overdue'],
  [EnforceConfirmationDeadline.name, 'unless confirmed by then, the order is cancelled as confirmation-overdue'],
  [ExpireReservation.name, 'unless confirmed by then, the order is cancelled as reservation-expired'],
  [EnforceShippingDeadline.name, 'unless shipped by then, the order is cancelled as shipment-overdue'],
]);

export function deadlineOf({ type, dueAt }: TimerFacts): Deadline {
  return { type, dueAt: dueAt.toISOString(), follows: FOLLOWS.get(type) ?? `${type} is published` };
}
