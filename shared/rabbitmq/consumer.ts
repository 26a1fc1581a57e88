/**
 * Subscribes to one queue and keeps subscribed: after a lost connection, a failed channel or a cancelled consumer it
 * declares itself anew, prefetch included. Acks go to the channel that delivered, or nowhere.
 */
import { type Channel, type ChannelModel, type ConsumeMessage, IllegalOperationError } from 'amqplib';
import type { Received } from '../messaging/wire.js';
import type { Logger } from '../observability/log.js';
import { within } from '../observability/shutdown.js';
import { AckWindow } from './ack-window.js';
import type { BrokerConnection } from './connection.js';

const RESUBSCRIBE_MS = 500;
const ANSWER_MS = 2000;
const LONGEST_RESUBSCRIBE_MS = 15_000;
/** Between looks at whether the broker still sends. */
const WATCH_MS = 5000;
/**
 * A subscription this long without deliveries is renewed. RabbitMQ 3.10 keeps a consumer, and checks messages out to it that
 * it never sends, when a queue is deleted and declared again within milliseconds.
 */
const RENEW_AFTER_MS = 60_000;

/** One delivery of a message. */
export interface Delivery extends Received {
  /** Done with it. Does nothing when the channel is gone: the broker delivers it again. */
  ack(): void;
  /** Gives it back to the queue. */
  requeue(): void;
  /** False when the channel that delivered it is gone: somebody else has it, or will. */
  readonly live: boolean;
}

export interface ConsumerOptions {
  readonly queue: string;
  /** Unacked deliveries at most. */
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
}

export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #log: Logger;
  #model: ChannelModel | undefined;
  #channel: Channel | undefined;
  #tag: string | undefined;
  #failures = 0;
  #stopped = false;
  /** Of the present channel. */
  #acks: AckWindow | undefined;
  #lastDelivery = Date.now();
  readonly #watch: NodeJS.Timeout;

  constructor(connection: BrokerConnection, options: ConsumerOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    connection.listen({
      connected: (model) => {
        this.#model = model;
        void this.#subscribe(model);
      },
      disconnected: () => {
        this.#acks?.close();
        this.#model = undefined;
        this.#channel = undefined;
        this.#tag = undefined;
      },
    });
    this.#watch = setInterval(() => void this.#look(), WATCH_MS).unref();
  }

  /** True while the broker sends deliveries. */
  get subscribed(): boolean {
    return this.#tag !== undefined;
  }

  /** Takes no more deliveries; those under way can still be acked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    const tag = this.#tag;
    this.#tag = undefined;
    // A broker that reads no more never answers.
    if (tag !== undefined && this.#channel !== undefined) await within(ANSWER_MS, this.#channel.cancel(tag));
  }

  /** Gives back what was not acked. */
  async close(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    this.#acks?.flush();
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel !== undefined) await within(ANSWER_MS, channel.close());
  }

  async #subscribe(model: ChannelModel): Promise<void> {
    if (this.#stopped || this.#model !== model) return;
    const { queue, prefetch, onDelivery } = this.#options;
    let channel: Channel | undefined;
    try {
      channel = await this.#openChannel(model);
      await channel.prefetch(prefetch, false);
      const { consumerTag } = await channel.consume(queue, this.#deliverFrom(channel, onDelivery));
      if (this.#channel !== channel) return;
      if (this.#stopped) return void channel.close().catch(() => undefined);
      this.#tag = consumerTag;
      this.#failures = 0;
      this.#log.debug({ queue, prefetch }, 'subscribed');
    } catch (error) {
      const reason = (error as Error).message;
      this.#log.warn({ queue, reason }, 'cannot subscribe; run the release step if the queue is missing');
      // A channel that failed says so by its end; one that never opened does not.
      if (channel === undefined) this.#subscribeLater(model);
    }
  }

  async #openChannel(model: ChannelModel): Promise<Channel> {
    const { queue } = this.#options;
    const channel = await model.createChannel();
    channel.on('error', (error) => this.#log.warn({ queue, reason: error.message }, 'the consuming channel failed'));
    channel.on('close', () => this.#lost(model, channel));
    this.#channel = channel;
    this.#acks = new AckWindow({
      // amqplib reads nothing of a message but its tag.
      ack: (deliveryTag, allUpTo) =>
        unlessClosing(() => channel.ack({ fields: { deliveryTag } } as ConsumeMessage, allUpTo)),
    });
    return channel;
  }

  #deliverFrom(channel: Channel, onDelivery: ConsumerOptions['onDelivery']): (message: ConsumeMessage | null) => void {
    return (message) => {
      if (message !== null) {
        this.#lastDelivery = Date.now();
        this.#acks?.opened(message.fields.deliveryTag);
        return onDelivery(this.#delivery(channel, message));
      }
      this.#log.warn({ queue: this.#options.queue }, 'the broker cancelled the consumer');
      this.#tag = undefined;
      // Closing gives back what was not acked; the channel's end leads to a new subscription.
      void channel.close().catch(() => undefined);
    };
  }

  /** Subscribes anew when the queue has messages and sends none, knows no consumer, or has been silent for long. */
  async #look(): Promise<void> {
    const channel = this.#channel;
    if (channel === undefined || this.#tag === undefined || !this.#idle()) return;
    // A queue that is gone closes the channel, and that leads to a new subscription too.
    const queue = await channel.checkQueue(this.#options.queue).catch(() => undefined);
    if (queue === undefined || this.#tag === undefined || !this.#idle()) return;
    const forgotten = queue.consumerCount === 0 || queue.messageCount > 0;
    if (!forgotten && Date.now() - this.#lastDelivery < RENEW_AFTER_MS) return;
    if (forgotten) this.#log.warn({ queue: this.#options.queue }, 'the broker sends nothing; subscribing anew');
    this.#lastDelivery = Date.now();
    this.#tag = undefined;
    this.#acks?.flush();
    void channel.close().catch(() => undefined);
  }

  #idle(): boolean {
    return this.#acks?.unsettled === 0 && Date.now() - this.#lastDelivery >= WATCH_MS;
  }

  #lost(model: ChannelModel, channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#acks?.close();
    this.#channel = undefined;
    this.#tag = undefined;
    this.#subscribeLater(model);
  }

  #subscribeLater(model: ChannelModel): void {
    if (this.#stopped || this.#model !== model) return;
    const wait = Math.min(RESUBSCRIBE_MS * 2 ** this.#failures, LONGEST_RESUBSCRIBE_MS) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    setTimeout(() => void this.#subscribe(model), wait).unref();
  }

  #delivery(channel: Channel, message: ConsumeMessage): Delivery {
    const { properties, fields, content } = message;
    const isCurrent = (): boolean => this.#channel === channel;
    let settled = false;
    const once = (settle: () => void): void => {
      if (settled || !isCurrent()) return;
      settled = true;
      settle();
    };
    return {
      content,
      routingKey: fields.routingKey,
      redelivered: fields.redelivered,
      messageId: textOf(properties.messageId),
      correlationId: textOf(properties.correlationId),
      type: textOf(properties.type),
      headers: properties.headers ?? {},
      ack: () => once(() => this.#acks?.ack(fields.deliveryTag)),
      requeue: () =>
        once(() => {
          this.#acks?.returned(fields.deliveryTag);
          unlessClosing(() => channel.nack(message, false, true));
        }),
      get live() {
        return isCurrent();
      },
    };
  }
}

function textOf(property: unknown): string | undefined {
  return typeof property === 'string' && property !== '' ? property : undefined;
}

/** amqplib throws on a channel that is being closed; what it then does not settle, the broker delivers again. */
function unlessClosing(settle: () => void): void {
  try {
    settle();
  } catch (error) {
    if (!(error instanceof IllegalOperationError)) throw error;
  }
}
