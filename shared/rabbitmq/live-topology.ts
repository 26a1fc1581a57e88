/** What is live at the broker: all of it by the management API; without that API only whether what is declared is there, and fits. */
import type { ChannelModel } from 'amqplib';
import Type, { Compile } from '../messaging/typebox.js';
import { reasonOf } from '../observability/reason.js';
import { type Management, virtualHostOf } from './management.js';
import { BrokerUnreached, codeOf, lookAtQueue, NOT_FOUND, onChannel, PRECONDITION_FAILED } from './own-connection.js';
import type { Topology } from './topology.js';
import { type Difference, differencesOf, type LiveTopology, temporaryOf } from './topology-plan.js';

/** How the topology of a virtual host is looked at. */
export interface TopologyView {
  /** Undefined where the broker has no management API, or it is not said where. */
  readonly management: Management | undefined;
  /** Of the broker, with the virtual host. */
  readonly url: string;
}

export interface TopologyPlan {
  readonly differences: readonly Difference[];
  /** What could not be looked at, and why. */
  readonly unseen: readonly string[];
}

/** @throws {BrokerUnreached} */
export async function planTopology(
  connection: ChannelModel,
  declared: Topology,
  { management, url }: TopologyView,
): Promise<TopologyPlan> {
  if (management !== undefined)
    return { differences: differencesOf(declared, await liveTopology(management, url)), unseen: [] };
  return { differences: await differencesAsked(connection, declared), unseen: [UNSEEN] };
}

const UNSEEN =
  'bindings, and queues of actors that there are no more: RABBITMQ_MANAGEMENT_URL is not set, and AMQP tells nothing of them';

export async function liveTopology(management: Management, url: string): Promise<LiveTopology> {
  const host = encodeURIComponent(virtualHostOf(url));
  const exchanges = Exchanges.Parse(await asked(management, `/api/exchanges/${host}`));
  const queues = Queues.Parse(await asked(management, `/api/queues/${host}?disable_stats=true`));
  const bindings = Bindings.Parse(await asked(management, `/api/bindings/${host}`));
  const to = (kind: string) => bindings.filter(({ destination_type }) => destination_type === kind);
  return {
    exchanges: new Map(exchanges.map(({ name, type }) => [name, type])),
    queues: new Map(queues.map((queue) => [queue.name, queue.arguments])),
    bindings: to('queue').map(({ source, destination, routing_key }) => ({
      queue: destination,
      exchange: source,
      routingKey: routing_key,
    })),
    exchangeBindings: to('exchange').map(({ source, destination }) => ({ exchange: destination, source })),
  };
}

/** Messages in a queue, ready, unacked and on their way to the dead letters. RabbitMQ counts every five seconds. */
export async function messagesIn(
  { management, url }: { readonly management: Management; readonly url: string },
  queue: string,
): Promise<number> {
  const path = `/api/queues/${encodeURIComponent(virtualHostOf(url))}/${encodeURIComponent(queue)}`;
  const { messages } = Counted.Parse(await asked(management, `${path}?disable_stats=true&enable_queue_totals=true`));
  return messages ?? 0;
}

/** @throws {BrokerUnreached} */
async function asked(management: Management, path: string): Promise<unknown> {
  try {
    return await management.call('GET', path);
  } catch (error) {
    throw new BrokerUnreached(
      `the management API of RabbitMQ does not answer (${reasonOf(error)}): see that RABBITMQ_MANAGEMENT_URL is right`,
      { cause: error },
    );
  }
}

async function differencesAsked(connection: ChannelModel, declared: Topology): Promise<Difference[]> {
  const differences: Difference[] = [];
  for (const { name: exchange, type } of declared.exchanges) {
    // Asked for passively first: what is not there is not to be made by looking.
    const missing = await refusal(connection, (channel) => channel.checkExchange(exchange));
    const says = await refusal(connection, async (channel) => {
      if (missing === undefined) await channel.assertExchange(exchange, type, { durable: true });
    });
    if (missing !== undefined)
      differences.push({ kind: 'exchange-missing', exchange, says: `the exchange ${exchange} is not there` });
    else if (says !== undefined)
      differences.push({ kind: 'exchange-differs', exchange, says: `the exchange ${exchange} differs: ${says}` });
  }
  for (const { name: queue, arguments: given } of declared.queues) {
    const there = await lookAtQueue(connection, queue);
    const says = await refusal(connection, async (channel) => {
      if (there !== undefined) await channel.assertQueue(queue, { durable: true, arguments: given });
    });
    if (says !== undefined)
      differences.push({ kind: 'queue-differs', queue, says: `the queue ${queue} differs: ${says}` });
    else if ((await lookAtQueue(connection, temporaryOf(queue))) !== undefined)
      differences.push({
        ...{ kind: 'queue-migrating', queue },
        says: `a migration of the queue ${queue} was begun and not ended`,
      });
    else if (there === undefined)
      differences.push({ kind: 'queue-missing', queue, says: `the queue ${queue} is not there` });
  }
  return differences;
}

/** What the broker says no with, to what is not there or does not fit; undefined when it agrees. */
async function refusal(
  connection: ChannelModel,
  ask: Parameters<typeof onChannel<unknown>>[1],
): Promise<string | undefined> {
  try {
    await onChannel(connection, ask);
    return undefined;
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND && codeOf(error) !== PRECONDITION_FAILED) throw error;
    return reasonOf(error);
  }
}

const Exchanges = Compile(Type.Array(Type.Object({ name: Type.String(), type: Type.String() })));
const Queues = Compile(
  Type.Array(Type.Object({ name: Type.String(), arguments: Type.Record(Type.String(), Type.Unknown()) })),
);
const Bindings = Compile(
  Type.Array(
    Type.Object({
      source: Type.String(),
      destination: Type.String(),
      destination_type: Type.String(),
      routing_key: Type.String(),
    }),
  ),
);
// A queue that was just made has no number yet.
const Counted = Compile(Type.Object({ messages: Type.Optional(Type.Number()) }));
