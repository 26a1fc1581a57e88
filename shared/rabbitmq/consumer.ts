/**
 * Subscribes to one queue and keeps subscribed: after a lost connection, a failed channel or a cancelled consumer it
 * declares itself anew, with the prefetch that it is allowed by then. Acks go to the channel that delivered, or nowhere.
 */
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib';
import type { Logger } from '../observability/log.js';
import { reasonOf } from '../observability/reason.js';
import { within } from '../observability/shutdown.js';
import type { BrokerConnection } from './connection.js';
import type { Delivery } from './delivery.js';
import { Subscription } from './subscription.js';

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
  /** Unacked deliveries at most, until it is told otherwise; with 0 it is sent none. */
  readonly prefetch: number;
  readonly onDelivery: (delivery: Delivery) => void;
}

export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #log: Logger;
  #model: ChannelModel | undefined;
  /** Of the present channel. */
  #subscription: Subscription | undefined;
  #allowed: number;
  #failures = 0;
  #stopped = false;
  #lastDelivery = performance.now();
  readonly #watch: NodeJS.Timeout;

  constructor(connection: Pick<BrokerConnection, 'listen'>, options: ConsumerOptions, log: Logger) {
    this.#options = options;
    this.#allowed = options.prefetch;
    this.#log = log;
    connection.listen({
      connected: (model) => {
        this.#model = model;
        void this.#subscribe(model);
      },
      disconnected: () => {
        this.#subscription?.end();
        this.#model = undefined;
        this.#subscription = undefined;
      },
    });
    this.#watch = setInterval(() => void this.#look(), WATCH_MS).unref();
  }

  /** True while the broker sends deliveries. */
  get subscribed(): boolean {
    return this.#subscription?.subscribed ?? false;
  }

  /** Deliveries that are neither acked nor given back. */
  get unsettled(): number {
    return this.#subscription?.deliveries.unsettled ?? 0;
  }

  /**
   * From now on so many unacked deliveries at most; with 0 it is sent none, also after a lost connection. What is under way can
   * still be acked. Resolves when the broker has stopped sending as before, or does not answer.
   */
  async allow(prefetch: number): Promise<void> {
    if (prefetch === this.#allowed) return;
    this.#allowed = prefetch;
    await this.#change();
  }

  /** Takes no more deliveries; those under way can still be acked. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    await this.#change();
  }

  /** Gives back what was not acked. */
  async close(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watch);
    const subscription = this.#subscription;
    this.#subscription = undefined;
    if (subscription === undefined) return;
    subscription.deliveries.flush();
    subscription.end();
    await within(ANSWER_MS, subscription.channel.close());
  }

  async #change(): Promise<void> {
    // A broker that reads no more never answers.
    if (this.#subscription !== undefined) await within(ANSWER_MS, this.#follow(this.#subscription));
  }

  async #subscribe(model: ChannelModel): Promise<void> {
    if (this.#stopped || this.#model !== model) return;
    try {
      const channel = await this.#openChannel(model);
      const subscription = new Subscription(channel, this.#options.queue, (message) => this.#receive(channel, message));
      this.#subscription?.end();
      this.#subscription = subscription;
      channel.on('close', () => this.#lost(model, subscription));
      await this.#follow(subscription);
    } catch (error) {
      this.#cannot(error);
      this.#subscribeLater(model);
    }
  }

  async #openChannel(model: ChannelModel): Promise<Channel> {
    const { queue } = this.#options;
    const channel = await model.createChannel();
    channel.on('error', (error) => this.#log.warn({ queue, reason: error.message }, 'the consuming channel failed'));
    return channel;
  }

  /** Never rejects: a channel that failed says so by its end, which leads to a new subscription. */
  async #follow(subscription: Subscription): Promise<void> {
    try {
      await subscription.follow(() => (this.#stopped ? 0 : this.#allowed));
      this.#failures = 0;
      const { queue } = this.#options;
      if (subscription.subscribed) this.#log.debug({ queue, prefetch: this.#allowed }, 'subscribed');
    } catch (error) {
      this.#cannot(error);
    }
  }

  #cannot(error: unknown): void {
    const { queue } = this.#options;
    this.#log.warn(
      { queue, reason: reasonOf(error) },
      'cannot subscribe; run the release step if the queue is missing',
    );
  }

  #receive(channel: Channel, message: ConsumeMessage | null): void {
    const subscription = this.#subscription;
    if (subscription?.channel !== channel) return;
    if (message !== null) {
      this.#lastDelivery = performance.now();
      this.#options.onDelivery(subscription.deliveries.take(message));
      return;
    }
    this.#log.warn({ queue: this.#options.queue }, 'the broker cancelled the consumer');
    // Closing gives back what was not acked; the channel's end leads to a new subscription.
    subscription.abandon();
  }

  /** Subscribes anew when the queue has messages and sends none, knows no consumer, or has been silent for long. */
  async #look(): Promise<void> {
    const subscription = this.#subscription;
    // What the broker has forgotten to cancel, with what it checked out to it, ends with the channel.
    if (this.#allowed === 0 && subscription?.spent === true) return subscription.abandon();
    if (subscription === undefined || !this.subscribed || !this.#idle()) return;
    // A queue that is gone closes the channel, and that leads to a new subscription too.
    const queue = await subscription.channel.checkQueue(this.#options.queue).catch(() => undefined);
    if (queue === undefined || !this.subscribed || !this.#idle()) return;
    const forgotten = queue.consumerCount === 0 || queue.messageCount > 0;
    if (!forgotten && performance.now() - this.#lastDelivery < RENEW_AFTER_MS) return;
    if (forgotten) this.#log.warn({ queue: this.#options.queue }, 'the broker sends nothing; subscribing anew');
    this.#lastDelivery = performance.now();
    subscription.abandon();
  }

  #idle(): boolean {
    return this.#subscription?.deliveries.unsettled === 0 && performance.now() - this.#lastDelivery >= WATCH_MS;
  }

  #lost(model: ChannelModel, subscription: Subscription): void {
    if (this.#subscription !== subscription) return;
    subscription.end();
    this.#subscription = undefined;
    this.#subscribeLater(model);
  }

  #subscribeLater(model: ChannelModel): void {
    if (this.#stopped || this.#model !== model) return;
    const wait = Math.min(RESUBSCRIBE_MS * 2 ** this.#failures, LONGEST_RESUBSCRIBE_MS) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    setTimeout(() => void this.#subscribe(model), wait).unref();
  }
}
