import { expect } from 'chai';
import { lines, ORDER_ID, placed } from '../../test/support/sample-order.js';
import { CancelReason } from '../orders/messages.js';
import { cancelledMail, confirmedMail, shippedMail } from './mails.js';

const orderId = ORDER_ID;
const { customer, total } = placed;

describe('mails to customers', () => {
  it('confirm what was ordered, at which price, and what it comes to', () => {
    const mail = confirmedMail({ orderId, lines: placed.lines, total }, customer);
    expect(mail).to.include({ occasion: 'confirmed', subject: 'Your order is confirmed!', to: customer });
    for (const body of [mail.text, mail.html]) {
      expect(body).to.include('Ada Lovelace').and.include('2 × mug at £4.50').and.include('Total: £12.34');
      expect(body).to.include(orderId);
    }
  });

  it('tell who has the parcel, and how to follow it', () => {
    const mail = shippedMail({ orderId, carrier: 'Parcel', trackingNumber: 'P1', lines }, customer);
    expect(mail).to.include({ occasion: 'shipped', subject: 'Your order is on its way' });
    for (const body of [mail.text, mail.html]) expect(body).to.include('Parcel has your parcel').and.include('P1');
  });

  it('give each reason for a cancellation in words of its own', () => {
    const reasons = CancelReason.anyOf.map(({ const: reason }) => reason);
    const texts = reasons.map((reason) => cancelledMail({ orderId, reason, lines }, customer).text);
    expect(new Set(texts).size).to.equal(reasons.length).and.be.above(1);
  });

  it('promise money back for each reason for a cancellation but those where none was taken', () => {
    const promising = CancelReason.anyOf
      .map(({ const: reason }) => reason)
      .filter((reason) => cancelledMail({ orderId, reason, lines }, customer).text.includes('back to you'));
    expect(promising).to.have.members([
      'customer',
      'out-of-stock',
      'shipment-refused',
      'payment-overdue',
      'confirmation-overdue',
      'reservation-expired',
      'shipment-overdue',
    ]);
    for (const reason of ['payment-declined', 'payment-capture-refused'] as const) {
      expect(cancelledMail({ orderId, reason, lines }, customer).text).to.include('You have not been charged');
    }
  });

  it('show what a customer or a shop wrote as text, never as HTML', () => {
    const name = `<img src=x onerror="alert('&')">`;
    const sku = '<b>mug</b>';
    const mail = shippedMail(
      { orderId, carrier: '<i>C</i>', trackingNumber: '"P1"', lines: [{ sku, quantity: 1 }] },
      { ...customer, name },
    );
    expect(mail.text).to.include(name).and.include(sku);
    expect(mail.html).to.include('&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;');
    expect(mail.html.replaceAll(/<\/?(?:p|ul|li)>/g, '')).not.to.match(/[<>"']/);
  });
});
