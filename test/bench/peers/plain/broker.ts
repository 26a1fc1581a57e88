/** amqplib as it is: a connection to publish and one to consume, so that a broker that blocks publishers goes on delivering. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Channel, type ChannelModel, type ConfirmChannel, type ConsumeMessage, connect as open } from 'amqplib';
import { AGAIN_AFTER_MS, type Broker, type Connecting, type Consuming } from '../flow/broker.js';
import type { Deliver } from '../flow/delivery.js';
import { exchangeOf, type Message } from '../flow/messages.js';
import { PREFETCH } from '../flow/settings.js';

export async function connect(connecting: Connecting): Promise<Broker> {
  const [publishing, consuming] = await Promise.all([
    openOne('publishing', connecting),
    openOne('consuming', connecting),
  ]);
  const publisher = await publishing.createConfirmChannel();
  const consumer = await consuming.createChannel();
  for (const channel of [publisher, consumer]) channel.on('error', ({ message }) => connecting.lost(message));
  const broker = new PlainBroker([publishing, consuming], publisher, consumer);
  if (connecting.consuming !== undefined) await broker.consume(connecting.consuming);
  return broker;
}

async function openOne(purpose: string, { url, name, lost }: Connecting): Promise<ChannelModel> {
  const connection = await open(url, {
    // Without it Nagle and delayed acks cost 40 ms a hop.
    noDelay: true,
    keepAlive: true,
    clientProperties: { connection_name: `${name} ${purpose}` },
  });
  connection.on('error', ({ message }) => lost(message));
  connection.on('close', () => lost('the connection was closed'));
  return connection;
}

class PlainBroker implements Broker {
  readonly #connections: readonly ChannelModel[];
  readonly #publisher: ConfirmChannel;
  readonly #consumer: Channel;
  readonly #returned = new Set<string>();
  readonly #handling = new Set<Promise<void>>();
  #tag: string | undefined;

  constructor(connections: readonly ChannelModel[], publisher: ConfirmChannel, consumer: Channel) {
    this.#connections = connections;
    this.#publisher = publisher;
    this.#consumer = consumer;
    publisher.on('return', ({ properties }) => this.#returned.add(String(properties.messageId)));
  }

  readonly publish = ({ id, name, causationId, payload }: Message): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = {
        persistent: true,
        mandatory: true,
        messageId: id,
        correlationId: payload.orderId,
        type: name,
        contentType: 'application/json',
        timestamp: Date.now(),
        headers: { causationId },
      };
      this.#publisher.publish(exchangeOf(name), name, Buffer.from(JSON.stringify(payload)), options, (refused) => {
        // What no queue takes is returned first, and then confirmed.
        if (this.#returned.delete(id)) reject(new Error(`no queue takes ${name}`));
        else if (refused) reject(refused);
        else resolve();
      });
    });

  async consume({ worker, deliverBy }: Consuming): Promise<void> {
    const deliver = deliverBy(this.publish);
    await this.#consumer.prefetch(PREFETCH);
    const { consumerTag } = await this.#consumer.consume(worker, (message) => {
      if (message === null) throw new Error(`the consumer of ${worker} was cancelled`);
      const handling = this.#handle(message, deliver).finally(() => this.#handling.delete(handling));
      this.#handling.add(handling);
    });
    this.#tag = consumerTag;
  }

  async close(): Promise<void> {
    if (this.#tag !== undefined) await this.#consumer.cancel(this.#tag);
    await Promise.all(this.#handling);
    for (const connection of this.#connections) {
      connection.removeAllListeners('close');
      await connection.close();
    }
  }

  async #handle(message: ConsumeMessage, deliver: Deliver): Promise<void> {
    const { content, properties, fields } = message;
    try {
      const { routingKey: name, redelivered } = fields;
      const outcome = await deliver({ id: properties.messageId, name, content, redelivered });
      if (outcome === 'done') this.#consumer.ack(message);
      else this.#consumer.nack(message, false, false);
    } catch {
      await pause(AGAIN_AFTER_MS);
      this.#consumer.nack(message, false, true);
    }
  }
}
