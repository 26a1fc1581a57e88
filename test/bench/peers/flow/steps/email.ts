/** Writes to customers: once for each occasion. */
import type { Steps, Work } from '../delivery.js';
import type { Mailer } from '../mailer.js';
import { cancelledMail, confirmedMail, type Mail, shippedMail } from '../mails.js';

export function emailSteps(mailer: Mailer): Steps {
  const send = async (mail: Mail): Promise<Work> => {
    const messageId = await mailer.send(mail);
    return async (transaction) => {
      await transaction.query({
        name: 'email-insert',
        text: 'insert into emails (order_id, occasion, recipient, message_id) values ($1, $2, $3, $4)',
        values: [mail.orderId, mail.occasion, mail.to.email, messageId],
      });
      return [];
    };
  };
  return {
    'orders.order-confirmed': (order) => send(confirmedMail(order)),
    'shipping.order-shipped': (shipped) => send(shippedMail(shipped)),
    'orders.order-cancelled': (cancelled) => send(cancelledMail(cancelled)),
  };
}
