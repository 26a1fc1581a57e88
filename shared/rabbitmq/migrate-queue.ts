/**
 * Declares a queue anew with other arguments, and loses nothing: what comes meanwhile goes to a temporary queue, what is in the
 * old one is moved there, and all of it back. Where it stands follows from what is there, so that whoever was interrupted
 * is continued by the next. What is delivered twice by that is known to the inbox.
 *
 * hold · bind temporary, unbind old · move · delete old · declare and bind new, unbind temporary · let go · move back · delete temporary
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { ChannelModel, ConsumeMessage } from 'amqplib';
import { within } from '../observability/shutdown.js';
import { messagesIn, type TopologyView } from './live-topology.js';
import type { Management } from './management.js';
import { copyMessages, moveMessages } from './move-messages.js';
import { lookAtQueue, onChannel } from './own-connection.js';
import { COUNTED_MS } from './remove-abandoned.js';
import type { Binding, Queue } from './topology.js';
import { temporaryOf, wayBackOf } from './topology-plan.js';

const LOOK_EVERY_MS = 200;
/** For the broker to say that a consumer's queue is gone. */
const GONE_MS = 5000;

/** Who stands at the queue besides the broker. */
export interface QueueHold {
  /** Has its processes consume no more. False where they cannot be told: it is no actor's. */
  hold(queue: string): Promise<boolean>;
  /** Lets them go on, if it was the migration that held them. */
  release(queue: string): Promise<void>;
  /** True while somebody may be publishing to the queue by its name. */
  addressed(queue: string): Promise<boolean>;
}

export interface Migration {
  readonly connection: ChannelModel;
  readonly queue: Queue;
  /** As declared, and as they are: all that leads to it. */
  readonly declared: readonly Binding[];
  readonly live: readonly Binding[];
  readonly differs: boolean;
  readonly view: TopologyView & { readonly management: Management };
  readonly hold: QueueHold;
  /** Told of each step before it is taken. */
  readonly step: (says: string) => void;
  /** True when the rest is left to the next call. */
  readonly late: () => boolean;
}

/** It cannot be done safely now; the message says why and what to do. The queue is as it was. */
export class MigrationRefused extends Error {
  override readonly name = 'MigrationRefused';
  readonly code = 'topology.refused';
}

/** Undefined when it is done; else what it waits for, to be called again. @throws {MigrationRefused} */
export async function migrateQueue(migration: Migration): Promise<string | undefined> {
  const { queue, differs } = migration;
  if (differs) {
    const waits = await out(migration);
    if (waits !== undefined) return waits;
  }
  const { connection, step } = migration;
  step(`declares ${queue.name} anew`);
  await onChannel(connection, (channel) =>
    channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments }),
  );
  return back(migration);
}

/** Everything out of the old queue, and the old queue away. */
async function out(migration: Migration): Promise<string | undefined> {
  const { connection, queue, hold, step, late } = migration;
  const { name } = queue;
  const temporary = temporaryOf(name);
  step(`holds ${name}`);
  if (!(await hold.hold(name))) await refuseConsumed(connection, name);
  step(`leads what comes for ${name} to ${temporary}`);
  await onChannel(connection, async (channel) => {
    await channel.assertQueue(temporary, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    await channel.assertExchange(temporary, 'fanout', { durable: true });
    await channel.bindQueue(temporary, temporary, '');
    for (const { exchange, routingKey } of waysTo(migration)) await channel.bindQueue(temporary, exchange, routingKey);
    for (const { exchange, routingKey } of waysTo(migration)) await channel.unbindQueue(name, exchange, routingKey);
  });
  step(`moves what is in ${name} to ${temporary}`);
  await moveMessages(connection, { from: name, through: temporary }, late);
  const waits = await emptied(migration, name, { through: temporary, addressed: () => hold.addressed(name) });
  if (waits !== undefined) return waits;
  step(`deletes ${name}`);
  await deleteWatched(connection, name, temporary);
  return undefined;
}

/** Everything back into the new queue, and the temporary one away. */
async function back(migration: Migration): Promise<string | undefined> {
  const { connection, queue, declared, hold, step, late } = migration;
  const { name } = queue;
  const [temporary, wayBack] = [temporaryOf(name), wayBackOf(name)];
  step(`leads what comes for ${name} to it again`);
  await onChannel(connection, async (channel) => {
    await channel.assertExchange(wayBack, 'fanout', { durable: true });
    await channel.bindQueue(name, wayBack, '');
    for (const { exchange, routingKey } of declared) await channel.bindQueue(name, exchange, routingKey);
    for (const { exchange, routingKey } of waysTo(migration))
      await channel.unbindQueue(temporary, exchange, routingKey);
  });
  step(`lets ${name} go on`);
  await hold.release(name);
  step(`moves what is in ${temporary} back`);
  await moveMessages(connection, { from: temporary, through: wayBack }, late);
  // Nobody knows its name but whoever migrates.
  const waits = await emptied(migration, temporary, { through: wayBack, addressed: async () => false });
  if (waits !== undefined) return waits;
  step(`deletes ${temporary}`);
  await onChannel(connection, async (channel) => {
    await channel.deleteExchange(wayBack);
    await channel.deleteExchange(temporary);
    await channel.deleteQueue(temporary);
  });
  return undefined;
}

/** What leads to the queue, each once; the default exchange cannot be taken away. */
function waysTo({ queue, declared, live }: Migration): Binding[] {
  const own = [temporaryOf(queue.name), wayBackOf(queue.name), ''];
  const names = [queue.name, temporaryOf(queue.name)];
  const ways = [...declared, ...live.filter((binding) => names.includes(binding.queue))];
  return [...new Map(ways.map((way) => [`${way.exchange}\n${way.routingKey}`, way])).values()].filter(
    ({ exchange }) => !own.includes(exchange),
  );
}

/** Undefined when nobody consumes the queue, nothing is in it, and nothing will be; else what is waited for. */
async function emptied(
  { connection, view, late }: Migration,
  queue: string,
  { through, addressed }: { readonly through: string; readonly addressed: () => Promise<boolean> },
): Promise<string | undefined> {
  let quietSince: number | undefined;
  for (;;) {
    let waits = await unquiet(connection, queue);
    if (waits === undefined && (await addressed())) waits = `redrives to ${queue} that are being sent`;
    if (waits === undefined) {
      quietSince ??= Date.now();
      const counted = Date.now() - quietSince < COUNTED_MS ? undefined : await messagesIn(view, queue);
      if (counted === 0) return undefined;
      waits = counted === undefined ? `${queue} to be counted` : `${counted} messages in hand in ${queue}`;
    } else {
      quietSince = undefined;
      await moveMessages(connection, { from: queue, through }, late);
    }
    if (late()) return waits;
    await wait(LOOK_EVERY_MS);
  }
}

async function unquiet(connection: ChannelModel, queue: string): Promise<string | undefined> {
  const { ready, consumers } = (await lookAtQueue(connection, queue)) ?? { ready: 0, consumers: 0 };
  if (consumers > 0) return `${consumers} consumers of ${queue} to finish what they have begun`;
  return ready > 0 ? `${ready} messages in ${queue} to be moved` : undefined;
}

/** @throws {MigrationRefused} */
async function refuseConsumed(connection: ChannelModel, queue: string): Promise<void> {
  const consumers = (await lookAtQueue(connection, queue))?.consumers ?? 0;
  if (consumers > 0)
    throw new MigrationRefused(
      `${consumers} processes consume ${queue}, and only actors can be held: stop the worker ${queue}, apply again, and start it; what comes meanwhile waits`,
    );
}

/**
 * What comes off the retry ladder while the queue is deleted is delivered here before the broker says that it is gone, and
 * copied; what comes later stays on the ladder, since it finds no queue. No other publisher is left.
 */
async function deleteWatched(connection: ChannelModel, queue: string, through: string): Promise<void> {
  await onChannel(connection, async (watching) => {
    const came: ConsumeMessage[] = [];
    await new Promise<void>((resolve, reject) => {
      const gone = new Promise<void>((end) => {
        void watching
          .consume(queue, (message) => (message === null ? end() : void came.push(message)))
          .then(() => onChannel(connection, (channel) => channel.deleteQueue(queue)))
          .catch(reject);
      });
      within(GONE_MS, gone).then(resolve, reject);
    });
    if (came.length > 0) await copyMessages(connection, came, through);
  });
}
