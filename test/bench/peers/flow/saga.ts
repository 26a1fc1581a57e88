/**
 * Where an order stands, and what follows. What is known only moves forward, so neither the order in which messages arrive nor
 * their repetition changes the outcome. Pure.
 */
import type { CancelReason, MessageName } from './messages.js';

export type Status = 'INITIATED' | 'CONFIRMED' | 'PAID' | 'SHIPPED' | 'CANCELLING' | 'CANCELLED';

export interface Progress {
  readonly status: Status;
  readonly stock: 'pending' | 'reserved' | 'failed' | 'released';
  readonly payment: 'pending' | 'authorized' | 'declined' | 'captured' | 'voided';
  readonly cancelReason: CancelReason | null;
}

export type Following = 'confirmed' | 'ready' | 'cancelled';

/** What a message tells: undefined for one that tells nothing. */
const FACTS: { readonly [N in MessageName]?: Partial<Progress> } = {
  'inventory.stock-reserved': { stock: 'reserved' },
  'inventory.stock-reservation-failed': { stock: 'failed', cancelReason: 'out-of-stock' },
  'inventory.stock-released': { stock: 'released' },
  'payment.payment-authorized': { payment: 'authorized' },
  'payment.payment-declined': { payment: 'declined', cancelReason: 'payment-declined' },
  'payment.payment-captured': { payment: 'captured' },
  'payment.payment-voided': { payment: 'voided' },
  'shipping.order-shipped': { status: 'SHIPPED' },
};

/** Takes in what a message tells, and says what the order has to set going. */
export function advance(
  before: Progress,
  message: MessageName,
): { readonly order: Progress; readonly following?: Following } {
  const order = {
    ...before,
    ...FACTS[message],
    cancelReason: before.cancelReason ?? FACTS[message]?.cancelReason ?? null,
  };
  const { status, stock, payment, cancelReason } = order;
  if (cancelReason !== null && status === 'INITIATED') {
    return { order: { ...order, status: settled(order) ? 'CANCELLED' : 'CANCELLING' }, following: 'cancelled' };
  }
  if (status === 'CANCELLING' && settled(order)) return { order: { ...order, status: 'CANCELLED' } };
  if (status === 'INITIATED' && stock === 'reserved' && payment === 'authorized') {
    return { order: { ...order, status: 'CONFIRMED' }, following: 'confirmed' };
  }
  if (status === 'CONFIRMED' && payment === 'captured') {
    return { order: { ...order, status: 'PAID' }, following: 'ready' };
  }
  return { order };
}

/** Nothing is held for the order any more. */
const settled = ({ stock, payment }: Progress): boolean =>
  (stock === 'failed' || stock === 'released') && (payment === 'declined' || payment === 'voided');
