/** What we write to customers: one mail for each occasion. */
import type { Customer, Line } from '../../shared/messaging/vocabulary.js';
import type { CancelReason, OrderCancelled, OrderConfirmed, PricedLine } from '../orders/messages.js';
import type { OrderShipped } from '../shipping/messages.js';
import type { Occasion, ResendMail } from './messages.js';
import { formatMoney } from './money.js';

export interface Mail {
  readonly orderId: string;
  readonly occasion: Occasion;
  readonly to: Customer;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** It was sent before, and somebody asked for it once more: which wish that was. */
  readonly resendId?: string;
}

/** The message may have its customer sealed. */
type About<M> = Omit<M, 'customer'>;

export function confirmedMail({ orderId, lines, total }: About<OrderConfirmed>, to: Customer): Mail {
  return mail('confirmed', orderId, to, 'Your order is confirmed!', [
    'Your order is confirmed, and everything in it is set aside for you. We write again when it is on its way.',
    { items: lines.map((line) => pricedItem(line, total.currency)) },
    `Total: ${formatMoney(total)}`,
  ]);
}

export function shippedMail({ orderId, carrier, trackingNumber, lines }: About<OrderShipped>, to: Customer): Mail {
  return mail('shipped', orderId, to, 'Your order is on its way', [
    `${carrier} has your parcel. Its tracking number is ${trackingNumber}.`,
    { items: lines.map(item) },
  ]);
}

export function cancelledMail({ orderId, reason, lines }: About<OrderCancelled>, to: Customer): Mail {
  return mail('cancelled', orderId, to, 'Your order was cancelled', [
    `${WHY[reason]} ${MONEY[reason] ?? PAID_BACK}`,
    { items: lines.map(item) },
  ]);
}

/** As the first one, but for its Message-ID: who has both can tell them apart. */
export function mailAgain(wish: ResendMail, to: Customer): Mail {
  return { ...mailAbout(wish, to), resendId: wish.resendId };
}

function mailAbout(wish: ResendMail, to: Customer): Mail {
  switch (wish.occasion) {
    case 'confirmed':
      return confirmedMail(wish.about, to);
    case 'shipped':
      return shippedMail(wish.about, to);
    case 'cancelled':
      return cancelledMail(wish.about, to);
  }
}

const WHY: Record<CancelReason, string> = {
  customer: 'We cancelled your order, as you asked.',
  'out-of-stock': 'We are sorry: part of your order is out of stock, so we had to cancel it.',
  'payment-declined': 'We are sorry: your payment was declined, so we had to cancel your order.',
  'payment-capture-refused': 'We are sorry: your payment could not be taken, so we had to cancel your order.',
  'shipment-refused': 'We are sorry: the carrier cannot deliver to your address, so we had to cancel your order.',
  'payment-overdue': 'We are sorry: your payment did not come through in time, so we had to cancel your order.',
  'confirmation-overdue': 'We are sorry: we could not confirm your order in time, so we had to cancel it.',
  'reservation-expired': 'We are sorry: we could not keep your order set aside any longer, so we had to cancel it.',
  'shipment-overdue': 'We are sorry: your order could not be shipped in time, so we had to cancel it.',
};

/** Whoever was refused payment is not told of money that comes back. Anybody else may have paid: an answer may be on its way. */
const MONEY: Partial<Record<CancelReason, string>> = {
  'payment-declined': 'You have not been charged.',
  'payment-capture-refused': 'You have not been charged, and what your bank may have set aside for it is free again.',
};
const PAID_BACK = 'What you may have paid is on its way back to you.';

const item = ({ sku, quantity }: Line): string => `${quantity} × ${sku}`;

const pricedItem = ({ unitPrice, ...line }: PricedLine, currency: string): string =>
  `${item(line)} at ${formatMoney({ amount: unitPrice, currency })}`;

type Part = string | { readonly items: readonly string[] };

function mail(occasion: Occasion, orderId: string, to: Customer, subject: string, body: readonly Part[]): Mail {
  const parts = [`Hello ${to.name},`, ...body, `Order ${orderId}`];
  return { orderId, occasion, to, subject, text: parts.map(asText).join('\n\n'), html: parts.map(asHtml).join('\n') };
}

function asText(part: Part): string {
  return typeof part === 'string' ? part : part.items.map((entry) => `- ${entry}`).join('\n');
}

function asHtml(part: Part): string {
  if (typeof part === 'string') return `<p>${escaped(part)}</p>`;
  return `<ul>\n${part.items.map((entry) => `<li>${escaped(entry)}</li>`).join('\n')}\n</ul>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
