/** Deletes a queue of an actor that there is no more, once nothing can be lost with it. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { messagesIn } from './live-topology.js';
import type { Management } from './management.js';
import { lookAtQueue, onChannel } from './own-connection.js';
import { RETRY_RUNGS } from './topology.js';

/** A quorum queue is counted every five seconds (RabbitMQ's `quorum_tick_interval`): after this, after all that was done before. */
export const COUNTED_MS = 6000;

/** The queue has no bindings any more. Undefined when it is deleted, else why it is not. */
export async function removeAbandoned(
  connection: ChannelModel,
  queue: string,
  view: { readonly management: Management; readonly url: string },
): Promise<string | undefined> {
  const kept = (await whyKept(connection, queue)) ?? (await whyKeptLater(connection, queue, view));
  if (kept === undefined) await onChannel(connection, (channel) => channel.deleteQueue(queue));
  return kept;
}

async function whyKept(connection: ChannelModel, queue: string): Promise<string | undefined> {
  const { ready, consumers } = (await lookAtQueue(connection, queue)) ?? { ready: 0, consumers: 0 };
  if (consumers > 0)
    return `the queue ${queue} is kept: ${consumers} processes consume it, of a release that has the actor; stop them first`;
  if (ready > 0)
    return `the queue ${queue} is kept: ${ready} messages are in it; start the release that has the actor until it is empty, or delete it by hand`;
  for (const { name } of RETRY_RUNGS) {
    // Which actors they are of cannot be told.
    const climbing = (await lookAtQueue(connection, name))?.ready ?? 0;
    if (climbing > 0)
      return `the queue ${queue} is kept: ${climbing} messages wait in ${name}, some perhaps for it; apply again when they are gone`;
  }
  return undefined;
}

/** When the broker has counted anew. */
async function whyKeptLater(
  connection: ChannelModel,
  queue: string,
  view: { readonly management: Management; readonly url: string },
): Promise<string | undefined> {
  await wait(COUNTED_MS);
  const counted = await messagesIn(view, queue);
  if (counted > 0) return `the queue ${queue} is kept: ${counted} messages of it are in hand or on their way out`;
  return whyKept(connection, queue);
}
