/** What a RabbitMQ server is, and what we may do there. */
import { randomUUID } from 'node:crypto';
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { reasonOf } from '../observability/reason.js';
import { tlsOf } from '../sockets/tls.js';

export interface RabbitFacts {
  readonly version: string;
  /** Queues that are not there, of those that should be. */
  readonly missing: readonly string[];
  /** Undefined: queues can be made, written to and read. Else what the broker said. */
  readonly refused: string | undefined;
}

const CONNECT_WITHIN_MS = 5000;

/** Over a connection of its own, by a queue that only it sees and that goes with it. @throws what kept it from connecting */
export async function rabbitFacts(url: string, queues: readonly string[]): Promise<RabbitFacts> {
  const connection = await connect(url, { noDelay: true, timeout: CONNECT_WITHIN_MS, ...tlsOf(url) });
  connection.on('error', () => undefined);
  try {
    const missing: string[] = [];
    // Asking for a queue that is not there costs the channel.
    for (const queue of queues)
      if ((await tried(connection, (channel) => channel.checkQueue(queue))) !== undefined) missing.push(queue);
    const refused = await tried(connection, async (channel) => {
      const name = `warren.doctor.${randomUUID()}`;
      await channel.assertQueue(name, { exclusive: true, autoDelete: true });
      channel.sendToQueue(name, Buffer.from('well?'));
      await channel.get(name, { noAck: true });
    });
    return { version: String(connection.connection.serverProperties['version'] ?? 'unknown'), missing, refused };
  } finally {
    await connection.close().catch(() => undefined);
  }
}

/** Undefined when it could be done on a channel of its own, else why not. */
async function tried(
  connection: ChannelModel,
  act: (channel: Channel) => Promise<unknown>,
): Promise<string | undefined> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  try {
    await act(channel);
    await channel.close();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
