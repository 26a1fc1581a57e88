/** How many messages wait in queues and who consumes them, as AMQP itself tells: it needs no management API, which not every broker has. */
import type { Channel, ChannelModel } from 'amqplib';
import { reasonOf } from '../observability/reason.js';
import type { BrokerConnection } from './connection.js';

/** A broker that takes no more publishes may not answer either. */
const ANSWER_WITHIN_MS = 2000;
const NOT_FOUND = 404;

export interface QueueLook {
  /** Messages that no consumer holds. */
  readonly ready: number;
  readonly consumers: number;
}

/** The broker cannot be asked at present. */
export class BrokerSilent extends Error {
  override readonly name = 'BrokerSilent';
}

export class QueueLooks {
  #model: ChannelModel | undefined;

  constructor(connection: Pick<BrokerConnection, 'listen'>) {
    connection.listen({
      connected: (model) => {
        this.#model = model;
      },
      disconnected: () => {
        this.#model = undefined;
      },
    });
  }

  /** Looks at these queues; one that is not there is left out. @throws {BrokerSilent} */
  async look(names: readonly string[]): Promise<ReadonlyMap<string, QueueLook>> {
    const model = this.#model;
    if (model === undefined) throw new BrokerSilent('web is not connected to RabbitMQ');
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new BrokerSilent(`RabbitMQ has not answered within ${ANSWER_WITHIN_MS} ms`)),
        ANSWER_WITHIN_MS,
      );
    });
    const channels: Channel[] = [];
    try {
      return await Promise.race([lookAt(model, names, channels), silence]);
    } catch (error) {
      if (error instanceof BrokerSilent) throw error;
      throw new BrokerSilent(`RabbitMQ cannot be asked: ${reasonOf(error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
      // Those that are closed already say so by throwing.
      for (const channel of channels) await channel.close().catch(() => undefined);
    }
  }
}

async function lookAt(
  model: ChannelModel,
  names: readonly string[],
  channels: Channel[],
): Promise<Map<string, QueueLook>> {
  const looks = new Map<string, QueueLook>();
  let channel: Channel | undefined;
  for (const name of names) {
    if (channel === undefined) {
      channel = await model.createChannel();
      channel.on('error', () => undefined);
      channels.push(channel);
    }
    try {
      const { messageCount, consumerCount } = await channel.checkQueue(name);
      looks.set(name, { ready: messageCount, consumers: consumerCount });
    } catch (error) {
      // Asking for a queue that is not there costs the channel.
      channels.pop();
      channel = undefined;
      if ((error as { readonly code?: unknown }).code !== NOT_FOUND) throw error;
    }
  }
  return looks;
}
