import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MessageName } from './messages.js';
import { advance, type Following, type Progress } from './saga.js';

const PLACED: Progress = { status: 'INITIATED', stock: 'pending', payment: 'pending', cancelReason: null };

function after(...messages: readonly MessageName[]): {
  readonly status: string;
  readonly following: readonly Following[];
} {
  let order = PLACED;
  const following: Following[] = [];
  for (const message of messages) {
    const next = advance(order, message);
    order = next.order;
    if (next.following) following.push(next.following);
  }
  return { status: order.status, following };
}

describe('the saga of an order', () => {
  it('confirms, makes ready and ships, whether stock or payment comes first', () => {
    const rest = ['payment.payment-captured', 'shipping.order-shipped'] as const;
    const shipped = { status: 'SHIPPED', following: ['confirmed', 'ready'] };
    assert.deepEqual(after('inventory.stock-reserved', 'payment.payment-authorized', ...rest), shipped);
    assert.deepEqual(after('payment.payment-authorized', 'inventory.stock-reserved', ...rest), shipped);
  });

  it('cancels once when stock is short, and is done when the payment is given up', () => {
    const short = ['payment.payment-authorized', 'inventory.stock-reservation-failed'] as const;
    assert.deepEqual(after(...short), { status: 'CANCELLING', following: ['cancelled'] });
    assert.deepEqual(after(...short, 'payment.payment-voided'), { status: 'CANCELLED', following: ['cancelled'] });
  });

  it('cancels once when the payment is declined, though stock is reserved afterwards', () => {
    const late = ['payment.payment-declined', 'inventory.stock-reserved'] as const;
    assert.deepEqual(after(...late), { status: 'CANCELLING', following: ['cancelled'] });
    assert.deepEqual(after(...late, 'inventory.stock-released'), { status: 'CANCELLED', following: ['cancelled'] });
  });

  it('cancels once when both are refused', () => {
    const { status, following } = after('payment.payment-declined', 'inventory.stock-reservation-failed');
    assert.deepEqual({ status, following }, { status: 'CANCELLED', following: ['cancelled'] });
  });
});
