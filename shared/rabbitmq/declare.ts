/** Declares the topology on the broker; what exists already and fits is left as it is. */
import { connect } from 'amqplib';
import { reasonOf } from '../observability/reason.js';
import type { Topology } from './topology.js';

const PRECONDITION_FAILED = 406;

/** A queue or exchange exists with other arguments, which the broker never changes. Nothing was touched. */
export class TopologyMismatch extends Error {
  override readonly name = 'TopologyMismatch';
  readonly code = 'topology.mismatch';
}

/**
 * Declares everything, over a connection of its own.
 * @param urls nodes of the cluster; the first that answers is used
 * @throws {TopologyMismatch} naming the queue or exchange and the remedy
 */
export async function declareTopology(urls: readonly string[], topology: Topology): Promise<void> {
  const connection = await firstThatAnswers(urls);
  // A channel dies of a mismatch, and with it the connection would report an error that nobody waits for.
  connection.on('error', () => undefined);
  try {
    const channel = await connection.createChannel();
    channel.on('error', () => undefined);
    for (const { name, type } of topology.exchanges) {
      await explained(`exchange ${name}`, () => channel.assertExchange(name, type, { durable: true }));
    }
    for (const { name, arguments: queueArguments } of topology.queues) {
      await explained(`queue ${name}`, () => channel.assertQueue(name, { durable: true, arguments: queueArguments }));
    }
    for (const { queue, exchange, routingKey } of topology.bindings)
      await channel.bindQueue(queue, exchange, routingKey);
    for (const { exchange, source } of topology.exchangeBindings) await channel.bindExchange(exchange, source, '#');
    await channel.close();
  } finally {
    await connection.close().catch(() => undefined);
  }
}

async function firstThatAnswers(urls: readonly string[]) {
  let failure: unknown;
  for (const url of urls) {
    try {
      return await connect(url, { noDelay: true, timeout: 10_000 });
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

async function explained(thing: string, declare: () => Promise<unknown>): Promise<void> {
  try {
    await declare();
  } catch (error) {
    if ((error as { code?: unknown }).code !== PRECONDITION_FAILED) throw error;
    throw new TopologyMismatch(
      `the ${thing} exists with other arguments than this release declares, and the broker cannot change them. Nothing was changed. ` +
        `Stop its consumers, let it run empty, delete it, and run the release step again. The broker says: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}
