/** The workers as Nest's providers: a subscription each, whose messages go through the delivery that all peers share. */
import { setTimeout as pause } from 'node:timers/promises';
import { type MessageHandlerOptions, Nack, RabbitSubscribe } from '@golevelup/nestjs-rabbitmq';
import { Inject, Injectable, type Type } from '@nestjs/common';
import type { ConsumeMessage } from 'amqplib';
import { AGAIN_AFTER_MS } from '../flow/broker.js';
import type { Deliver, Delivered } from '../flow/delivery.js';
import { bindingsOf, QUEUE_ARGUMENTS, type WorkerName } from '../flow/topology.js';

/** The token under which a worker finds its delivery. */
export const DELIVER = Symbol('Deliver');
export const CONSUMING = 'consuming';

/** The body stays as it came: the delivery reads and validates it. */
const subscriptionOf = (worker: WorkerName): MessageHandlerOptions => ({
  queue: worker,
  bindings: bindingsOf(worker),
  queueOptions: { channel: CONSUMING, durable: true, arguments: QUEUE_ARGUMENTS },
  deserializer: (content) => content,
  errorHandler: async (channel, message) => {
    await pause(AGAIN_AFTER_MS);
    for (const one of [message].flat()) channel.nack(one, false, true);
  },
});

async function handled(
  deliver: Deliver,
  content: Buffer,
  { properties, fields }: ConsumeMessage,
): Promise<Nack | undefined> {
  const { routingKey: name, redelivered } = fields;
  const delivered: Delivered = { id: properties.messageId, name, content, redelivered };
  return (await deliver(delivered)) === 'dead' ? new Nack(false) : undefined;
}

@Injectable()
class OrdersWorker {
  constructor(@Inject(DELIVER) private readonly deliver: Deliver) {}

  @RabbitSubscribe(subscriptionOf('orders'))
  handle(content: Buffer, message: ConsumeMessage): Promise<Nack | undefined> {
    return handled(this.deliver, content, message);
  }
}

@Injectable()
class InventoryWorker {
  constructor(@Inject(DELIVER) private readonly deliver: Deliver) {}

  @RabbitSubscribe(subscriptionOf('inventory'))
  handle(content: Buffer, message: ConsumeMessage): Promise<Nack | undefined> {
    return handled(this.deliver, content, message);
  }
}

@Injectable()
class PaymentWorker {
  constructor(@Inject(DELIVER) private readonly deliver: Deliver) {}

  @RabbitSubscribe(subscriptionOf('payment'))
  handle(content: Buffer, message: ConsumeMessage): Promise<Nack | undefined> {
    return handled(this.deliver, content, message);
  }
}

@Injectable()
class ShippingWorker {
  constructor(@Inject(DELIVER) private readonly deliver: Deliver) {}

  @RabbitSubscribe(subscriptionOf('shipping'))
  handle(content: Buffer, message: ConsumeMessage): Promise<Nack | undefined> {
    return handled(this.deliver, content, message);
  }
}

@Injectable()
class EmailWorker {
  constructor(@Inject(DELIVER) private readonly deliver: Deliver) {}

  @RabbitSubscribe(subscriptionOf('email'))
  handle(content: Buffer, message: ConsumeMessage): Promise<Nack | undefined> {
    return handled(this.deliver, content, message);
  }
}

export const WORKER_CLASSES: Readonly<Record<WorkerName, Type>> = {
  orders: OrdersWorker,
  inventory: InventoryWorker,
  payment: PaymentWorker,
  shipping: ShippingWorker,
  email: EmailWorker,
};
