/** Keeps where each order stands, and says what follows. */
import type { Transaction } from '../database.js';
import type { Steps, Work } from '../delivery.js';
import type { Address, Customer, MessageName, Outgoing, PricedLine } from '../messages.js';
import { advance, type Following, type Progress } from '../saga.js';

interface OrderRow extends Progress {
  readonly customer: Customer;
  readonly shippingAddress: Address;
  readonly totalAmount: number;
  readonly currency: string;
}

const taking =
  (message: MessageName) =>
  ({ orderId }: { readonly orderId: string }): Work =>
  async (transaction) => {
    const row = await lockOrder(transaction, orderId);
    const { order, following } = advance(row, message);
    await transaction.query({
      name: 'order-update',
      text: 'update orders set status = $2, stock = $3, payment = $4, cancel_reason = $5 where id = $1',
      values: [orderId, order.status, order.stock, order.payment, order.cancelReason],
    });
    if (following === undefined) return [];
    return [outgoing(following, orderId, { ...row, ...order }, await linesOf(transaction, orderId))];
  };

export const ordersSteps: Steps = {
  'inventory.stock-reserved': taking('inventory.stock-reserved'),
  'inventory.stock-reservation-failed': taking('inventory.stock-reservation-failed'),
  'inventory.stock-released': taking('inventory.stock-released'),
  'payment.payment-authorized': taking('payment.payment-authorized'),
  'payment.payment-declined': taking('payment.payment-declined'),
  'payment.payment-captured': taking('payment.payment-captured'),
  'payment.payment-voided': taking('payment.payment-voided'),
  'shipping.order-shipped': taking('shipping.order-shipped'),
};

function outgoing(following: Following, orderId: string, order: OrderRow, priced: readonly PricedLine[]): Outgoing {
  const { customer, shippingAddress, totalAmount: amount, currency, cancelReason } = order;
  const lines = priced.map(({ sku, quantity }) => ({ sku, quantity }));
  switch (following) {
    case 'confirmed':
      return {
        name: 'orders.order-confirmed',
        payload: { orderId, customer, lines: [...priced], total: { amount, currency } },
      };
    case 'ready':
      return { name: 'orders.order-ready', payload: { orderId, customer, shippingAddress, lines } };
    case 'cancelled':
      return {
        name: 'orders.order-cancelled',
        payload: { orderId, customer, reason: cancelReason ?? 'out-of-stock', lines },
      };
  }
}

async function lockOrder(transaction: Transaction, orderId: string): Promise<OrderRow> {
  const { rows } = await transaction.query<OrderRow>({
    name: 'order-lock',
    text: `select status, stock, payment, cancel_reason as "cancelReason", customer, shipping_address as "shippingAddress",
             total_amount as "totalAmount", currency
           from orders where id = $1 for update`,
    values: [orderId],
  });
  if (rows[0] === undefined) throw new Error(`order ${orderId} is not stored`);
  return rows[0];
}

async function linesOf(transaction: Transaction, orderId: string): Promise<PricedLine[]> {
  const { rows } = await transaction.query<PricedLine>({
    name: 'order-lines',
    text: 'select sku, quantity, unit_price as "unitPrice" from order_lines where order_id = $1 order by sku',
    values: [orderId],
  });
  return rows;
}
