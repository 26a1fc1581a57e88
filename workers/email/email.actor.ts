import { inject } from 'tsyringe';
import { Actor, Effect } from '../../shared/actors/decorators.js';
import type { State } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing } from '../../shared/actors/outgoing.js';
import type { Customer, Personal } from '../../shared/messaging/vocabulary.js';
import { isSealed } from '../../shared/secrets/persons.js';
import { OrderCancelled, OrderConfirmed } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';
import { type Email, Emails } from './email.state.js';
import { Mailer } from './mailer.js';
import { cancelledMail, confirmedMail, type Mail, mailAgain, shippedMail } from './mails.js';
import { emailKey, ResendMail } from './messages.js';

/**
 * Writes to customers: once for each occasion, and once more for each time that somebody asks for it. No mail server knows an
 * idempotency key: the less time passes before the commit, the fewer mails a death makes twice.
 */
@Actor({ name: 'email', state: Emails, prefetch: 200, concurrency: 20, lingerMs: 10 })
export class EmailActor {
  constructor(@inject(Mailer) private readonly mailer: Mailer) {}

  @Effect(OrderConfirmed, { keys: ({ orderId }) => emailKey(orderId, 'confirmed'), persons: true })
  confirm(order: OrderConfirmed, email: State<Email>, outgoing: EffectOutgoing): Promise<void> {
    return this.sendOnce(order.customer, (to) => confirmedMail(order, to), email, outgoing);
  }

  @Effect(OrderShipped, { keys: ({ orderId }) => emailKey(orderId, 'shipped'), persons: true })
  announce(order: OrderShipped, email: State<Email>, outgoing: EffectOutgoing): Promise<void> {
    return this.sendOnce(order.customer, (to) => shippedMail(order, to), email, outgoing);
  }

  @Effect(OrderCancelled, { keys: ({ orderId }) => emailKey(orderId, 'cancelled'), persons: true })
  regret(order: OrderCancelled, email: State<Email>, outgoing: EffectOutgoing): Promise<void> {
    return this.sendOnce(order.customer, (to) => cancelledMail(order, to), email, outgoing);
  }

  @Effect(ResendMail, {
    keys: ({ orderId, occasion, resendId }) => emailKey(orderId, occasion, resendId),
    persons: true,
  })
  resend(wish: ResendMail, email: State<Email>, outgoing: EffectOutgoing): Promise<void> {
    return this.sendOnce(wish.about.customer, (to) => mailAgain(wish, to), email, outgoing);
  }

  private async sendOnce(
    customer: Personal<Customer>,
    mailTo: (to: Customer) => Mail,
    email: State<Email>,
    { now, open, signal }: EffectOutgoing,
  ): Promise<void> {
    if (email.value) return;
    const { messageId } = await this.mailer.send(mailTo(open('customer', customer)), signal);
    email.set({ recipient: isSealed(customer) ? customer.sealed : customer.email, messageId, sentAt: now });
  }
}
