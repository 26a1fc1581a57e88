/** One at a time changes the topology: a migration must not find its queue bound again. The lock goes with its holder's connection. */
import { setTimeout as wait } from 'node:timers/promises';
import type { ChannelModel } from 'amqplib';
import { codeOf, onChannel, RESOURCE_LOCKED } from './own-connection.js';

/** A queue that only the connection that declares it can have. */
const LOCK = 'topology.lock';
const LOOK_EVERY_MS = 250;

/** Somebody else is at it. */
export class TopologyBusy extends Error {
  override readonly name = 'TopologyBusy';
  readonly code = 'topology.busy';
}

/** Holds it until the connection ends. @param patienceMs to wait for whoever has it @throws {TopologyBusy} */
export async function lockTopology(connection: ChannelModel, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await locked(connection))) {
    if (Date.now() >= deadline)
      throw new TopologyBusy('somebody else is changing the topology; wait for them, and look at the plan again');
    await wait(LOOK_EVERY_MS);
  }
}

async function locked(connection: ChannelModel): Promise<boolean> {
  try {
    await onChannel(connection, (channel) => channel.assertQueue(LOCK, { exclusive: true, durable: false }));
    return true;
  } catch (error) {
    if (codeOf(error) === RESOURCE_LOCKED) return false;
    throw error;
  }
}
