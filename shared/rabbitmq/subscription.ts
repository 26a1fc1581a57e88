/** What one channel consumes of a queue: with the prefetch that is wanted by now, or nothing. It ends with its channel. */
import type { Channel, ConsumeMessage } from 'amqplib';
import { ChannelDeliveries } from './delivery.js';

export class Subscription {
  readonly channel: Channel;
  readonly deliveries: ChannelDeliveries;
  readonly #queue: string;
  readonly #onMessage: (message: ConsumeMessage | null) => void;
  #tag: string | undefined;
  /** Of the present consumer; 0 without one. */
  #prefetch = 0;
  #consumed = false;
  #following: Promise<void> | undefined;

  /** @param onMessage called with null when the broker has cancelled the consumer */
  constructor(channel: Channel, queue: string, onMessage: (message: ConsumeMessage | null) => void) {
    this.channel = channel;
    this.deliveries = new ChannelDeliveries(channel);
    this.#queue = queue;
    this.#onMessage = onMessage;
  }

  /** True while the broker sends deliveries. */
  get subscribed(): boolean {
    return this.#tag !== undefined;
  }

  /** True when it has had a consumer, and has nothing of it in hand any more. */
  get spent(): boolean {
    return this.#consumed && this.#tag === undefined && this.deliveries.unsettled === 0;
  }

  /** Resolves when the broker sends as is wanted, which may change meanwhile; 0 is nothing. @throws what the channel says */
  follow(wanted: () => number): Promise<void> {
    this.#following ??= this.#change(wanted).finally(() => {
      this.#following = undefined;
    });
    return this.#following;
  }

  /** Gives up the channel, and with it what was not acked. */
  abandon(): void {
    this.deliveries.flush();
    this.end();
    void this.channel.close().catch(() => undefined);
  }

  /** The channel is gone, or to be closed: nothing more is settled on it. */
  end(): void {
    this.#tag = undefined;
    this.deliveries.end();
  }

  /** A prefetch is that of the consumers to come, so a change takes a new one; what the old one has in hand stays in hand. */
  async #change(wanted: () => number): Promise<void> {
    for (let prefetch = wanted(); prefetch !== this.#prefetch && this.deliveries.live; prefetch = wanted()) {
      const tag = this.#tag;
      this.#tag = undefined;
      this.#prefetch = 0;
      if (tag !== undefined) await this.channel.cancel(tag);
      if (prefetch === 0) continue;
      this.#consumed = true;
      await this.channel.prefetch(prefetch, false);
      this.deliveries.allow(prefetch);
      const { consumerTag } = await this.channel.consume(this.#queue, this.#onMessage);
      if (!this.deliveries.live) return;
      this.#tag = consumerTag;
      this.#prefetch = prefetch;
    }
  }
}
