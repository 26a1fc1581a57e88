import { inject } from 'tsyringe';
import { Actor, Decide } from '../../shared/actors/decorators.js';
import { ledger, nullable, text, uuid } from '../../shared/actors/keyed-state.js';
import type { Outgoing } from '../../shared/actors/outgoing.js';
import { OrderCancelled, OrderConfirmed } from '../orders/messages.js';
import { PaymentRefunded } from '../payment/messages.js';
import { OrderShipped } from '../shipping/messages.js';
import { Audience } from './audience.js';
import type { OrderWebhook, OrderWebhookData } from './messages.js';

const Events = ledger('webhook_events', {
  messageId: uuid(),
  orderId: uuid(),
  type: text<OrderWebhook>(),
  status: text<OrderWebhookData['status']>(),
  reason: nullable(text()),
});

/**
 * Notes what storefronts are to be told, in the transaction that takes the message. Nothing is sent here: an endpoint that
 * does not answer holds up no queue. Where nobody listens it costs the inbox's row. A batch gathers for long, as
 * storefronts do not wait for milliseconds, and the larger it is the less it takes from the order's own way.
 */
@Actor({ name: 'webhooks', state: {}, prefetch: 512, lingerMs: 250, alwaysLingers: true })
export class WebhooksActor {
  constructor(@inject(Audience) private readonly audience: Audience) {}

  @Decide(OrderConfirmed, { storedOrder: true })
  confirmed({ orderId }: OrderConfirmed, _: object, outgoing: Outgoing): void {
    this.note(outgoing, { orderId, type: 'order.confirmed', status: 'CONFIRMED' });
  }

  @Decide(OrderShipped, { storedOrder: true })
  shipped({ orderId }: OrderShipped, _: object, outgoing: Outgoing): void {
    this.note(outgoing, { orderId, type: 'order.shipped', status: 'SHIPPED' });
  }

  @Decide(OrderCancelled, { storedOrder: true })
  cancelled({ orderId, reason }: OrderCancelled, _: object, outgoing: Outgoing): void {
    this.note(outgoing, { orderId, type: 'order.cancelled', status: 'CANCELLED', reason });
  }

  @Decide(PaymentRefunded, { storedOrder: true })
  refunded({ orderId }: PaymentRefunded, _: object, outgoing: Outgoing): void {
    this.note(outgoing, { orderId, type: 'order.refunded', status: 'CANCELLED' });
  }

  private note({ append, message }: Outgoing, { reason, ...event }: Told): void {
    if (this.audience.mayListen()) append(Events, { ...event, reason: reason ?? null, messageId: message.id });
  }
}

interface Told {
  readonly orderId: string;
  readonly type: OrderWebhook;
  readonly status: OrderWebhookData['status'];
  readonly reason?: string;
}
