/** What is written to customers: one mail for each occasion. Pure. */
import type { Customer, Line, Money, Payloads, PricedLine } from './messages.js';

export interface Mail {
  readonly orderId: string;
  readonly occasion: 'confirmed' | 'shipped' | 'cancelled';
  readonly to: Customer;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

export function confirmedMail({ orderId, customer, lines, total }: Payloads['orders.order-confirmed']): Mail {
  return mail('confirmed', orderId, customer, 'Your order is confirmed!', [
    'Your order is confirmed, and everything in it is set aside for you. We write again when it is on its way.',
    ...lines.map((line) => priced(line, total.currency)),
    `Total: ${money(total)}`,
  ]);
}

export function shippedMail(shipped: Payloads['shipping.order-shipped']): Mail {
  const { orderId, customer, carrier, trackingNumber, lines } = shipped;
  return mail('shipped', orderId, customer, 'Your order is on its way', [
    `${carrier} has your parcel. Its tracking number is ${trackingNumber}.`,
    ...lines.map(item),
  ]);
}

export function cancelledMail({ orderId, customer, reason, lines }: Payloads['orders.order-cancelled']): Mail {
  const why = {
    'out-of-stock': 'We are sorry: part of your order is out of stock, so we had to cancel it.',
    'payment-declined': 'We are sorry: your payment was declined, so we had to cancel your order.',
  };
  return mail('cancelled', orderId, customer, 'Your order was cancelled', [why[reason], ...lines.map(item)]);
}

const item = ({ sku, quantity }: Line): string => `${quantity} × ${sku}`;
const priced = ({ unitPrice: amount, ...line }: PricedLine, currency: string): string =>
  `${item(line)} at ${money({ amount, currency })}`;
const money = ({ amount, currency }: Money): string => `${(amount / 100).toFixed(2)} ${currency}`;

function mail(
  occasion: Mail['occasion'],
  orderId: string,
  to: Customer,
  subject: string,
  body: readonly string[],
): Mail {
  const parts = [`Hello ${to.name},`, ...body, `Order ${orderId}`];
  const html = parts.map((part) => `<p>${escaped(part)}</p>`).join('\n');
  return { orderId, occasion, to, subject, text: parts.join('\n\n'), html };
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character);
