/** RabbitMQ dies, raises alarms, closes connections, and loses queues and exchanges. */

import { RETRY_RUNGS, routesOf } from '../../../shared/rabbitmq/topology.js';
import { type Fault, nothingToHeal, oneOf } from '../fault.js';
import { oldestUnhandled, putBackIntoTheOutbox } from '../put-back.js';
import type { System } from '../system.js';

const killed: Fault = {
  name: 'broker-killed',
  what: 'RabbitMQ is killed, and comes back with what was confirmed',
  touches: ['broker'],
  broker: 'single',
  weight: 2,
  lastsMs: [2000, 15_000],
  async inject({ servers }) {
    await servers.kill('rabbitmq');
    return { victim: 'RabbitMQ', heal: () => servers.bringBack('rabbitmq') };
  },
};

/** @param restore as `config/rabbitmq/rabbitmq.conf` has it */
const alarm = (name: string, what: string, raise: readonly string[], restore: readonly string[]): Fault => ({
  name,
  what,
  touches: ['broker'],
  weight: 1,
  lastsMs: [5000, 25_000],
  async inject(system) {
    await system.controlBroker(...raise);
    return {
      victim: 'RabbitMQ',
      async heal() {
        await system.controlBroker(...restore);
      },
    };
  },
});

const memoryAlarm = alarm(
  'memory-alarm',
  'RabbitMQ takes no messages because it is short of memory',
  ['set_vm_memory_high_watermark', '0.000001'],
  ['set_vm_memory_high_watermark', '0.4'],
);

const diskAlarm = alarm(
  'disk-alarm',
  'RabbitMQ takes no messages because its disk is full',
  ['set_disk_free_limit', '1000000GB'],
  ['set_disk_free_limit', '256MB'],
);

const connectionsClosed: Fault = {
  name: 'connections-closed',
  what: 'RabbitMQ closes every connection of the fleet',
  touches: ['broker'],
  weight: 1,
  lastsMs: [0, 0],
  async inject(system) {
    const path = `/api/vhosts/${system.vhost}/connections`;
    const names = ((await system.management.call('GET', path)) as { name: string }[]).map(({ name }) => name);
    // One that is gone by itself is closed as well.
    const close = (name: string) => system.management.call('DELETE', `/api/connections/${encodeURIComponent(name)}`);
    await Promise.all(names.map((name) => close(name).catch(() => undefined)));
    return { victim: `${names.length} connections`, heal: nothingToHeal };
  },
};

/** What was in the queue is lost, so its heal is what the README says: the release step, and the outbox. */
const queueDeleted: Fault = {
  name: 'queue-deleted',
  what: 'a queue is deleted with what is in it; healed by the release step and the event log',
  touches: ['broker', 'postgres'],
  weight: 1,
  lastsMs: [1000, 10_000],
  async inject(system, chance) {
    const since = await oldestUnhandled(system.database);
    const rungs = RETRY_RUNGS.map(({ name }) => name);
    const victim = oneOf([...(await actorQueues(system)), ...rungs], chance('which'));
    await system.management.call('DELETE', `/api/queues/${system.vhost}/${victim}`);
    return {
      victim,
      async heal() {
        await system.fleet.release();
        await putBackIntoTheOutbox(system.database, since);
      },
    };
  },
};

const exchangeDeleted: Fault = {
  name: 'exchange-deleted',
  what: 'an exchange is deleted; healed by the release step',
  touches: ['broker', 'postgres'],
  weight: 1,
  lastsMs: [1000, 10_000],
  async inject(system, chance) {
    const owner = oneOf(await actorQueues(system), chance('which'));
    const victim = oneOf([owner, routesOf(owner)], chance('side'));
    await system.management.call('DELETE', `/api/exchanges/${system.vhost}/${victim}`);
    return { victim, heal: () => system.fleet.release() };
  },
};

export const brokerFaults: readonly Fault[] = [
  killed,
  memoryAlarm,
  diskAlarm,
  connectionsClosed,
  queueDeleted,
  exchangeDeleted,
];

/** Queues of actors, each of which has an exchange of its name. */
async function actorQueues({ management, vhost, fleet }: System): Promise<string[]> {
  const queues = (await management.call('GET', `/api/queues/${vhost}?disable_stats=true`)) as { name: string }[];
  return queues.map(({ name }) => name).filter((name) => fleet.parts.includes(name) && name !== 'dead-letters');
}
