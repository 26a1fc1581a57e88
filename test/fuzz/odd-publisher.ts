/** Publishes what Warren's own publisher would not let be written: any properties, and headers of any type. */
import { createLogger } from '../../shared/observability/log.js';
import { BrokerConnection } from '../../shared/rabbitmq/connection.js';
import type { HostileMessage } from './hostile-message.js';

export type Sent = 'taken' | 'returned' | 'refused';

type Packet = Pick<HostileMessage, 'exchange' | 'routingKey' | 'content' | 'properties'>;
type Channel = Awaited<ReturnType<typeof openChannel>>;

export class OddPublisher {
  readonly #connection: BrokerConnection;
  readonly #channel: Channel;
  /** What came back and is not confirmed yet. */
  readonly #returned = new Set<string>();

  private constructor(connection: BrokerConnection, channel: Channel) {
    this.#connection = connection;
    this.#channel = channel;
    channel.on('return', ({ properties, fields }) =>
      this.#returned.add(nameOf({ ...fields, properties: { messageId: properties.messageId } })),
    );
  }

  static async open(brokerUrl: string): Promise<OddPublisher> {
    const log = createLogger({ logLevel: 'silent', logFormat: 'json' }, 'fuzz');
    const connection = new BrokerConnection([brokerUrl], 'fuzz', log);
    const channel = openChannel(connection);
    connection.open();
    return new OddPublisher(connection, await channel);
  }

  publish(packet: Packet): Promise<Sent> {
    const { exchange, routingKey, content, properties } = packet;
    return new Promise((resolve) => {
      const settled = (refused: unknown): void => {
        const returned = this.#returned.delete(nameOf(packet));
        resolve(returned ? 'returned' : refused ? 'refused' : 'taken');
      };
      this.#channel.publish(exchange, routingKey, content, { ...properties, mandatory: true }, settled);
    });
  }

  /** Messages that wait in the queue, and those who take from it, as the broker counts them now. */
  look(queue: string): Promise<{ readonly messageCount: number; readonly consumerCount: number }> {
    return this.#channel.checkQueue(queue);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function nameOf({ exchange, routingKey, properties }: Omit<Packet, 'content'>): string {
  return `${exchange}\n${routingKey}\n${properties.messageId ?? ''}`;
}

async function openChannel(connection: BrokerConnection) {
  const model = await new Promise<Parameters<Parameters<BrokerConnection['listen']>[0]['connected']>[0]>((connected) =>
    connection.listen({ connected }),
  );
  const channel = await model.createConfirmChannel();
  // A broker that closes it answers none of what is under way: whoever waits says so.
  channel.on('error', (error) => process.emitWarning(`the broker closed the channel: ${error.message}`));
  return channel;
}
