/** Deliveries, each acked or given back on the channel that brought it, or nowhere. */
import { type Channel, type ConsumeMessage, IllegalOperationError } from 'amqplib';
import { type Headers, type Received, textOf } from '../messaging/wire.js';
import { AckWindow } from './ack-window.js';
import { shallowHeaders } from './deep-headers.js';

/** One delivery of a message. */
export interface Delivery extends Received {
  /** Done with it. Does nothing when the channel is gone: the broker delivers it again. */
  ack(): void;
  /** Gives it back to the queue. */
  requeue(): void;
  /** False when the channel that delivered it is gone: somebody else has it, or will. */
  readonly live: boolean;
}

/** What one channel delivers, until it is gone. */
export class ChannelDeliveries {
  readonly #channel: Channel;
  readonly #acks: AckWindow;
  #live = true;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#acks = new AckWindow({
      ack: (tag, allUpTo) => unlessClosing(() => channel.ack(tagged(tag), allUpTo)),
    });
  }

  get live(): boolean {
    return this.#live;
  }

  /** Deliveries that are neither acked nor given back. */
  get unsettled(): number {
    return this.#acks.unsettled;
  }

  /** @param prefetch of what is delivered from now on */
  allow(prefetch: number): void {
    this.#acks.allow(prefetch);
  }

  take(message: ConsumeMessage): Delivery {
    this.#acks.opened(message.fields.deliveryTag);
    return new ChannelDelivery(message, this);
  }

  ack(tag: number): void {
    this.#acks.ack(tag);
  }

  requeue(tag: number): void {
    this.#acks.returned(tag);
    unlessClosing(() => this.#channel.nack(tagged(tag), false, true));
  }

  /** Sends the acks that are still being gathered. */
  flush(): void {
    this.#acks.flush();
  }

  /** The channel is gone: nothing more is settled. */
  end(): void {
    this.#live = false;
    this.#acks.close();
  }
}

class ChannelDelivery implements Delivery {
  readonly content: Buffer;
  readonly routingKey: string;
  readonly redelivered: boolean;
  readonly messageId: string | undefined;
  readonly correlationId: string | undefined;
  readonly type: string | undefined;
  readonly headers: Headers;
  readonly #tag: number;
  readonly #from: ChannelDeliveries;
  #settled = false;

  constructor({ properties, fields, content }: ConsumeMessage, from: ChannelDeliveries) {
    this.content = content;
    this.routingKey = fields.routingKey;
    this.redelivered = fields.redelivered;
    this.messageId = textOf(properties.messageId);
    this.correlationId = textOf(properties.correlationId);
    this.type = textOf(properties.type);
    this.headers = shallowHeaders(properties.headers ?? {});
    this.#tag = fields.deliveryTag;
    this.#from = from;
  }

  get live(): boolean {
    return this.#from.live;
  }

  ack(): void {
    if (this.#settle()) this.#from.ack(this.#tag);
  }

  requeue(): void {
    if (this.#settle()) this.#from.requeue(this.#tag);
  }

  #settle(): boolean {
    if (this.#settled || !this.live) return false;
    this.#settled = true;
    return true;
  }
}

/** amqplib reads nothing of a message but its tag. */
const tagged = (deliveryTag: number): ConsumeMessage => ({ fields: { deliveryTag } }) as ConsumeMessage;

/** amqplib throws on a channel that is being closed; what it then does not settle, the broker delivers again. */
function unlessClosing(settle: () => void): void {
  try {
    settle();
  } catch (error) {
    if (!(error instanceof IllegalOperationError)) throw error;
  }
}
