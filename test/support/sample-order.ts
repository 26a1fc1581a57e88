/** An order as the intake stores it, for tests to change where it matters. */

import type { Address, Customer } from '../../shared/messaging/vocabulary.js';
import type { OrderPlaced } from '../../workers/orders/messages.js';
import { INITIATED } from '../../workers/orders/order.saga.js';
import type { Order } from '../../workers/orders/order.state.js';
import type { Payment } from '../../workers/payment/payment.state.js';
import { testKeyring } from './keyring.js';

export const ORDER_ID = '01938f00-0000-7000-8000-000000000001';

/** With its persons plain, as the intake gets them. */
export const placed: Omit<OrderPlaced, 'customer' | 'shippingAddress'> & {
  readonly customer: Customer;
  readonly shippingAddress: Address;
} = {
  orderId: ORDER_ID,
  storefrontId: '01938f00-0000-7000-8000-0000000000ff',
  customer: { name: 'Ada Lovelace', email: 'ada@example.test' },
  shippingAddress: { line1: '12 St James Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
  lines: [
    { sku: 'mug', quantity: 2, unitPrice: 450 },
    { sku: 'tea', quantity: 1, unitPrice: 334 },
  ],
  total: { amount: 1234, currency: 'GBP' },
};

/** What the messages after OrderPlaced carry of the lines. */
export const lines = placed.lines.map(({ sku, quantity }) => ({ sku, quantity }));

export const storedOrder: Order = {
  ...INITIATED,
  storefrontId: placed.storefrontId,
  reference: null,
  customer: placed.customer,
  shippingAddress: placed.shippingAddress,
  lines: placed.lines,
  totalAmount: placed.total.amount,
  currency: placed.total.currency,
  placedAt: new Date('2026-01-01T00:00:00Z'),
};

export const TOKEN = 'tok_never_to_be_seen';

/** The payment of an order as the intake stores it. */
export const paymentOf = (orderId: string, token = TOKEN): Payment => ({
  status: 'requested',
  amount: placed.total.amount,
  currency: placed.total.currency,
  sealedToken: testKeyring.seal('payment-token', orderId, token),
  token: null,
  authorizationId: null,
  reason: null,
});

export const requestedPayment: Payment = paymentOf(ORDER_ID);
