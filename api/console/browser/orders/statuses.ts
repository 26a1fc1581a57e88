/** Where an order can stand. The server has the list; only its types come this far, and they hold this one to it. */
import type { OrderEnd, OrderStatus } from '../answers.js';

/** As a list is ordered that somebody chooses from. */
export const ORDER_STATUSES = Object.keys({
  INITIATED: true,
  CONFIRMED: true,
  PAID: true,
  SHIPPED: true,
  CANCELLING: true,
  CANCELLED: true,
} satisfies Readonly<Record<OrderStatus, true>>);

const ENDS = Object.keys({ SHIPPED: true, CANCELLED: true } satisfies Readonly<Record<OrderEnd, true>>);

export const isAtItsEnd = (status: string): boolean => ENDS.includes(status);
