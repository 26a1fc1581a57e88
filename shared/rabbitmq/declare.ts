/** Declares the topology on the broker; what exists already is left as it is, and said where it does not fit. */
import type { Channel, ChannelModel } from 'amqplib';
import { reasonOf } from '../observability/reason.js';
import { codeOf, onChannel, PRECONDITION_FAILED, withConnection } from './own-connection.js';
import type { Topology } from './topology.js';
import { lockTopology } from './topology-lock.js';

/** Whoever migrates a queue has the lock for seconds at a time. */
const PATIENCE_MS = 30_000;

/** A queue or exchange exists with other arguments, which the broker never changes. It was left as it is. */
export class TopologyMismatch extends Error {
  override readonly name = 'TopologyMismatch';
  readonly code = 'topology.mismatch';
  /** True where only queues differ: all else is declared, and the fleet works as it did. */
  readonly tolerable: boolean;

  constructor(message: string, { tolerable, cause }: { readonly tolerable: boolean; readonly cause: unknown }) {
    super(message, { cause });
    this.tolerable = tolerable;
  }
}

/**
 * Declares everything, over a connection of its own.
 * @param urls nodes of the cluster; the first that answers is used
 * @throws {TopologyMismatch} naming the queue or exchange and the remedy
 * @throws {TopologyBusy}
 */
export function declareTopology(urls: readonly string[], topology: Topology): Promise<void> {
  return withConnection(urls, async (connection) => {
    await lockTopology(connection, PATIENCE_MS);
    await declareOn(connection, topology);
  });
}

/** As `declareTopology`, over a connection that is there and has the lock. */
export async function declareOn(connection: ChannelModel, topology: Topology): Promise<void> {
  const differing: { readonly name: string; readonly cause: unknown }[] = [];
  // A channel each: it dies of a mismatch.
  for (const { name, type } of topology.exchanges) {
    const cause = await mismatch(connection, (channel) => channel.assertExchange(name, type, { durable: true }));
    if (cause === undefined) continue;
    throw new TopologyMismatch(
      `the exchange ${name} exists and is of another type than this release declares, which the broker cannot change. ` +
        `Stop the fleet, delete the exchange, and run the release step again: publishers keep what they cannot send. The broker says: ${reasonOf(cause)}`,
      { tolerable: false, cause },
    );
  }
  for (const { name, arguments: given } of topology.queues) {
    const cause = await mismatch(connection, (channel) =>
      channel.assertQueue(name, { durable: true, arguments: given }),
    );
    if (cause !== undefined) differing.push({ name, cause });
  }
  await onChannel(connection, async (channel) => {
    for (const { queue, exchange, routingKey } of topology.bindings)
      await channel.bindQueue(queue, exchange, routingKey);
    for (const { exchange, source } of topology.exchangeBindings) await channel.bindExchange(exchange, source, '#');
  });
  const [first] = differing;
  if (first === undefined) return;
  throw new TopologyMismatch(
    `the queue ${differing.map(({ name }) => name).join(', the queue ')} exists with other arguments than this release declares, and the broker cannot change them. ` +
      `It goes on as it is; all else is declared. Once this release runs, warren topology plan shows what differs, and warren topology apply migrates it without loss. The broker says: ${reasonOf(first.cause)}`,
    { tolerable: true, cause: first.cause },
  );
}

/** What the broker says to other arguments; undefined when they fit. */
async function mismatch(connection: ChannelModel, declare: (channel: Channel) => Promise<unknown>): Promise<unknown> {
  try {
    await onChannel(connection, declare);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== PRECONDITION_FAILED) throw error;
    return error;
  }
}
