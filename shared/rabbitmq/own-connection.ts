/** A connection of its own for one piece of work, and a channel for each question on it: the broker says no by closing the channel. */
import { type Channel, type ChannelModel, connect } from 'amqplib';
import { reasonOf } from '../observability/reason.js';
import { connectReason, tlsOf } from '../sockets/tls.js';

const CONNECT_WITHIN_MS = 10_000;

/** Neither the broker nor its management API can be asked; the cause says which and why. */
export class BrokerUnreached extends Error {
  override readonly name = 'BrokerUnreached';
  readonly code = 'topology.unseen';
}

/** @param urls nodes of the cluster; the first that answers is used @throws {BrokerUnreached} */
export async function withConnection<T>(
  urls: readonly string[],
  work: (connection: ChannelModel) => Promise<T>,
): Promise<T> {
  const connection = await firstThatAnswers(urls);
  // A channel dies of a mismatch, and with it the connection would report an error that nobody waits for.
  connection.on('error', () => undefined);
  // amqplib does not settle all that was asked on a connection that is gone.
  const lost = new Promise<never>((_, reject) => {
    connection.once('close', (cause) =>
      reject(new BrokerUnreached('the connection to RabbitMQ was lost: see that it runs, and ask again', { cause })),
    );
  });
  try {
    return await Promise.race([work(connection), lost]);
  } catch (error) {
    if (codeOf(error) !== ACCESS_REFUSED) throw error;
    throw new BrokerUnreached(
      `RabbitMQ does not let this user change the topology (${reasonOf(error)}): give web one who may by RABBITMQ_TOPOLOGY_URL, or run the release step as one`,
      { cause: error },
    );
  } finally {
    await Promise.race([connection.close(), lost]).catch(() => undefined);
  }
}

/** @throws what the broker says no with */
export async function onChannel<T>(connection: ChannelModel, work: (channel: Channel) => Promise<T>): Promise<T> {
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  try {
    return await work(channel);
  } finally {
    await channel.close().catch(() => undefined);
  }
}

/** Of a queue by passive declaration; undefined when it is not there. What is unacked is not told. */
export async function lookAtQueue(
  connection: ChannelModel,
  queue: string,
): Promise<{ readonly ready: number; readonly consumers: number } | undefined> {
  try {
    const { messageCount, consumerCount } = await onChannel(connection, (channel) => channel.checkQueue(queue));
    return { ready: messageCount, consumers: consumerCount };
  } catch (error) {
    if (codeOf(error) === NOT_FOUND) return undefined;
    throw error;
  }
}

/** The AMQP reply code of an error. */
export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

const ACCESS_REFUSED = 403;
export const NOT_FOUND = 404;
export const RESOURCE_LOCKED = 405;
export const PRECONDITION_FAILED = 406;

async function firstThatAnswers(urls: readonly string[]): Promise<ChannelModel> {
  let failure: unknown;
  for (const url of urls) {
    try {
      return await connect(url, { noDelay: true, timeout: CONNECT_WITHIN_MS, ...tlsOf(url) });
    } catch (error) {
      failure = error;
    }
  }
  throw new BrokerUnreached(
    `RabbitMQ does not let us in (${connectReason(failure, 'RABBITMQ')}): see that it runs and RABBITMQ_URL is right`,
    {
      cause: failure,
    },
  );
}
