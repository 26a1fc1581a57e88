/** What stands in the broker's queues, and who is connected to it. */
import Type, { Compile } from '../../shared/messaging/typebox.js';
import { Management, virtualHostOf } from '../../shared/rabbitmq/management.js';
import { NoEvidence } from '../no-evidence.js';

export interface BrokerState {
  /** Messages by queue, ready and unacked. RabbitMQ counts those of a quorum queue every five seconds. */
  readonly depths: ReadonlyMap<string, number>;
  readonly connections: readonly BrokerClient[];
}

export interface BrokerClient {
  /** As the process calls itself, such as `warren payment consuming`. */
  readonly name: string;
  readonly channels: number;
}

/**
 * @param managementUrl with user and password
 * @param brokerUrl whose virtual host is looked into
 * @throws {NoEvidence}
 */
export async function brokerState(managementUrl: string, brokerUrl: string): Promise<BrokerState> {
  const management = new Management(managementUrl);
  const host = encodeURIComponent(virtualHostOf(brokerUrl));
  try {
    const depths = await queueDepths(management, host);
    const clients = Clients.Parse(await management.call('GET', `/api/vhosts/${host}/connections`));
    return {
      depths,
      connections: clients.map(({ name, channels = 0, client_properties: { connection_name } = {} }) => ({
        name: connection_name ?? name,
        channels,
      })),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NoEvidence(
      'unreached',
      `the broker's management API tells nothing (${why}): set RABBITMQ_MANAGEMENT_URL to where it answers, with user and password; --without broker leaves it out`,
    );
  }
}

/** Messages by queue. @param host the virtual host, as it stands in a path */
export async function queueDepths(management: Management, host: string): Promise<ReadonlyMap<string, number>> {
  const path = `/api/queues/${host}?disable_stats=true&enable_queue_totals=true`;
  return new Map(Queues.Parse(await management.call('GET', path)).map(({ name, messages = 0 }) => [name, messages]));
}

// A queue or a connection that was just made has no numbers yet.
const Queues = Compile(Type.Array(Type.Object({ name: Type.String(), messages: Type.Optional(Type.Number()) })));
const Clients = Compile(
  Type.Array(
    Type.Object({
      name: Type.String(),
      channels: Type.Optional(Type.Number()),
      client_properties: Type.Optional(Type.Object({ connection_name: Type.Optional(Type.String()) })),
    }),
  ),
);
