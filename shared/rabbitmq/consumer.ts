/**
 * Subscribes to one queue and keeps subscribed: after a lost connection, a failed channel or a cancelled consumer it
 * declares itself anew, prefetch included. Acks go to the channel that delivered, or nowhere.
 */
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import { within } from '../observability/shutdown.js';
import type { BrokerConnection } from './connection.js';
import { ChannelDeliveries, type Delivery } from './delivery.js';

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
  #deliveries: ChannelDeliveries | undefined;
  #lastDelivery = Date.now();
  readonly #watch: NodeJS.Timeout;

  constructor(connection: Pick<BrokerConnection, 'listen'>, options: ConsumerOptions, log: Logger) {
    this.#options = options;
    this.#log = log;
    connection.listen({
      connected: (model) => {
        this.#model = model;
        void this.#subscribe(model);
      },
      disconnected: () => {
        this.#deliveries?.end();
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
    this.#deliveries?.flush();
    this.#deliveries?.end();
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel !== undefined) await within(ANSWER_MS, channel.close());
  }

  async #subscribe(model: ChannelModel): Promise<void> {
    if (this.#stopped || this.#model !== model) return;
    const { queue, prefetch } = this.#options;
    let channel: Channel | undefined;
    try {
      channel = await this.#openChannel(model);
      const deliveries = new ChannelDeliveries(channel);
      this.#deliveries?.end();
      this.#deliveries = deliveries;
      await channel.prefetch(prefetch, false);
      const { consumerTag } = await channel.consume(queue, this.#deliverFrom(channel, deliveries));
      if (this.#channel !== channel) return;
      if (this.#stopped) return void channel.close().catch(() => undefined);
      this.#tag = consumerTag;
      this.#failures = 0;
      this.#log.debug({ queue, prefetch }, 'subscribed');
    } catch (error) {
      const reason = reasonOf(error);
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
    return channel;
  }

  #deliverFrom(channel: Channel, deliveries: ChannelDeliveries): (message: ConsumeMessage | null) => void {
    const { queue, onDelivery } = this.#options;
    return (message) => {
      if (message !== null) {
        this.#lastDelivery = Date.now();
        return onDelivery(deliveries.take(message));
      }
      this.#log.warn({ queue }, 'the broker cancelled the consumer');
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
    this.#deliveries?.flush();
    void channel.close().catch(() => undefined);
  }

  #idle(): boolean {
    return this.#deliveries?.unsettled === 0 && Date.now() - this.#lastDelivery >= WATCH_MS;
  }

  #lost(model: ChannelModel, channel: Channel): void {
    if (this.#channel !== channel) return;
    this.#deliveries?.end();
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
}
