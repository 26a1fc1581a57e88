/** Moves what is in a queue through an exchange to another one: the broker has confirmed each copy before the original is acked. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ChannelModel, ConfirmChannel, ConsumeMessage, Message } from 'amqplib';
import { onChannel } from './own-connection.js';

const AT_ONCE = 500;
const LOOK_EVERY_MS = 10;
/** So often in a row nothing has come. */
const IDLE_LOOKS = 10;

type Movable = Pick<Message, 'content' | 'properties'> & { readonly fields: { readonly routingKey: string } };

/** A message came back: no queue is bound to the exchange. Nothing was acked that has no copy. */
export class MoveReturned extends Error {
  override readonly name = 'MoveReturned';
  readonly code = 'topology.returned';
}

/**
 * Until the queue is empty, or it is late; routing key, properties and headers stay. Dying in between leaves copies, no gaps.
 * @throws {MoveReturned}
 */
export async function moveMessages(
  connection: ChannelModel,
  { from, through }: { readonly from: string; readonly through: string },
  late: () => boolean,
): Promise<void> {
  await onChannel(connection, async (channel) => {
    const came: ConsumeMessage[] = [];
    await channel.prefetch(AT_ONCE, false);
    const { consumerTag } = await channel.consume(from, (message) => {
      if (message !== null) came.push(message);
    });
    for (let idle = 0; idle < IDLE_LOOKS && !late(); idle++) {
      const batch = came.splice(0);
      const last = batch.at(-1);
      if (last !== undefined) {
        await copyMessages(connection, batch, through);
        channel.ack(last, true);
        idle = 0;
      }
      await wait(LOOK_EVERY_MS);
    }
    await channel.cancel(consumerTag);
  });
}

/** Publishes messages as they are, and resolves when the broker has confirmed all. @throws {MoveReturned} */
export async function copyMessages(
  connection: ChannelModel,
  messages: readonly Movable[],
  exchange: string,
): Promise<void> {
  const channel: ConfirmChannel = await connection.createConfirmChannel();
  channel.on('error', () => undefined);
  try {
    let returned = false;
    // It comes before its confirm.
    channel.on('return', () => {
      returned = true;
    });
    for (const { content, fields, properties } of messages)
      channel.publish(exchange, fields.routingKey, content, {
        ...given(properties),
        persistent: true,
        mandatory: true,
      });
    await channel.waitForConfirms();
    if (returned)
      throw new MoveReturned(
        `no queue is bound to the exchange ${exchange}, through which messages were to be moved; they are where they were. Run warren topology apply again`,
      );
  } finally {
    await channel.close().catch(() => undefined);
  }
}

/** What the broker itself counts is left out, and so is what was not set: amqplib hands that out as undefined. */
function given({ headers, ...properties }: Message['properties']): object {
  const { 'x-delivery-count': _count, ...own } = headers ?? {};
  return { ...Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined)), headers: own };
}
