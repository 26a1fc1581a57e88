/** What is remembered of an order. The intake makes it, the saga moves it. */
import {
  bigint,
  jsonb,
  keyedState,
  nullable,
  text,
  timestamptz,
  uuid,
  type Value,
} from '../../shared/actors/keyed-state.js';
import type { Address, Customer, Personal } from '../../shared/messaging/vocabulary.js';
import type { CancelReason, PricedLine } from './messages.js';
import type { Progress } from './order.saga.js';

export const Orders = keyedState('orders', {
  key: { column: 'id', type: 'uuid' },
  fixed: {
    storefrontId: uuid(),
    reference: nullable(text()),
    customer: jsonb<Personal<Customer>>(),
    shippingAddress: jsonb<Personal<Address>>(),
    lines: jsonb<readonly PricedLine[]>(),
    totalAmount: bigint(),
    currency: text(),
    placedAt: timestamptz(),
  },
  columns: {
    status: text<Progress['status']>(),
    stock: text<Progress['stock']>(),
    payment: text<Progress['payment']>(),
    shipment: text<Progress['shipment']>(),
    cancelReason: nullable(text<CancelReason>()),
  },
});
export type Order = Value<typeof Orders>;
