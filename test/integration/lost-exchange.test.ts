import { once } from 'node:events';
import { type ChannelModel, type ConfirmChannel, connect } from 'amqplib';
import { expect } from 'chai';
import { event } from '../../shared/messaging/contract.js';
import Type from '../../shared/messaging/typebox.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { createBroker, type TestBroker } from '../support/broker.js';
import { listener } from '../support/listener.js';
import { until } from '../support/until.js';

const Rang = event('bell.rang', 1, Type.Object({}));
const NAMES = ['porter', 'butler', 'cook', 'gardener', 'maid'];
const TIMES = 5;
const TOGETHER = 20;

describe('an exchange that is deleted while messages come to it', () => {
  let broker: TestBroker;
  let connection: ChannelModel;

  beforeEach(async () => {
    broker = await createBroker();
    connection = await connect(broker.url);
  });
  afterEach(async () => {
    await connection.close();
    await broker.close();
  });

  const declare = () => declareTopology([broker.url], topologyOf(NAMES.map((name) => listener(name, Rang))));
  /** Ids of the messages that are in the queue. */
  const idsIn = async (queue: string): Promise<string[]> => {
    const channel = await connection.createChannel();
    const ids: string[] = [];
    for (
      let one = await channel.get(queue, { noAck: true });
      one !== false;
      one = await channel.get(queue, { noAck: true })
    )
      ids.push(String(one.properties.messageId));
    await channel.close();
    return ids;
  };

  it('takes each of them for all of its queues or for none, from the moment it is declared again', async () => {
    await declare();
    const taken = new Set<string>();
    let over = false;
    let sent = 0;
    /** Publishes until the broker ends the channel, as it does when there is no such exchange, or all is over. */
    const publish = async (channel: ConfirmChannel): Promise<void> => {
      const returned = new Set<string>();
      channel.on('return', ({ properties }) => returned.add(String(properties.messageId)));
      while (!over) {
        const ids = Array.from({ length: TOGETHER }, () => String(++sent));
        for (const messageId of ids)
          channel.publish('bell', Rang.name, Buffer.alloc(0), { messageId, mandatory: true });
        await channel.waitForConfirms();
        for (const id of ids) if (!returned.has(id)) taken.add(id);
      }
    };
    const publishing = (async () => {
      while (!over) {
        const channel = await connection.createConfirmChannel();
        const closed = once(channel, 'close').catch(() => undefined);
        channel.on('error', () => undefined);
        await Promise.race([publish(channel).catch(() => undefined), closed]);
        await channel.close().catch(() => undefined);
      }
    })();
    const channel = await connection.createChannel();
    for (let times = 0; times < TIMES; times++) {
      const before = taken.size;
      await channel.deleteExchange('bell');
      await declare();
      await until('messages are taken again', () => taken.size >= before + TOGETHER);
    }
    over = true;
    await publishing;
    for (const name of NAMES) expect(await idsIn(name), name).to.include.members([...taken]);
  });
});
