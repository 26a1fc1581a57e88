/**
 * What waits in queues and who consumes them, asked over AMQP: a hosted broker tells that too without its management API,
 * and at once, where that API counts every five seconds.
 */
import type { Channel, ChannelModel } from 'amqplib';
import { within } from '../observability/shutdown.js';
import type { BrokerConnection } from './connection.js';

const ANSWER_MS = 5000;
const NOT_FOUND = 404;

export interface QueueCount {
  readonly queue: string;
  /** Messages that nobody holds yet; what is unacked is not among them. */
  readonly waiting: number;
  readonly consumers: number;
}

type Asked = Awaited<ReturnType<Channel['checkQueue']>> | 'missing' | 'away';

export class QueueCounts {
  #model: ChannelModel | undefined;
  #channel: Channel | undefined;

  constructor(connection: Pick<BrokerConnection, 'listen'>) {
    connection.listen({
      connected: (model) => {
        this.#model = model;
        this.#channel = undefined;
      },
      disconnected: () => {
        this.#model = undefined;
        this.#channel = undefined;
      },
    });
  }

  /** Of these queues, one after the other; a queue that does not exist is left out. Undefined while the broker is away. */
  async count(queues: readonly string[]): Promise<QueueCount[] | undefined> {
    const counts: QueueCount[] = [];
    for (const queue of queues) {
      const asked = await this.#ask(queue);
      if (asked === 'away') return undefined;
      if (asked !== 'missing') counts.push({ queue, waiting: asked.messageCount, consumers: asked.consumerCount });
    }
    return counts;
  }

  async #ask(queue: string): Promise<Asked> {
    let asked: Asked = 'away';
    const asking = this.#open().then(async (channel) => {
      if (channel !== undefined) asked = await channel.checkQueue(queue);
    });
    const failed = asking.catch((error) => {
      // The broker closes the channel with such an answer.
      this.#channel = undefined;
      if (error.code === NOT_FOUND) asked = 'missing';
    });
    // A broker that stands still never answers.
    await within(ANSWER_MS, failed);
    return asked;
  }

  async #open(): Promise<Channel | undefined> {
    if (this.#channel !== undefined || this.#model === undefined) return this.#channel;
    const model = this.#model;
    const channel = await model.createChannel();
    // Without a listener an error of the channel would end the process; whoever asked is told.
    channel.on('error', () => undefined);
    channel.on('close', () => {
      if (this.#channel === channel) this.#channel = undefined;
    });
    if (this.#model === model) this.#channel = channel;
    return this.#channel;
  }
}
