/** What the operators' routes stand on. */
import type { Database } from '../../shared/postgres/database.js';
import type { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import type { Placing } from '../orders/placement.js';
import type { KeyMode } from '../storefronts/key.js';
import type { TraceSetting } from './explanation/order-trace.js';
import type { FleetActor } from './fleet.js';
import type { BrokerTopology } from './topology/broker-topology.js';

export interface Operating extends Pick<Placing, 'dispatcher' | 'keyring' | 'outboxLeaseMs'> {
  readonly database: Database;
  readonly actors: () => Promise<readonly FleetActor[]>;
  readonly queues: Pick<QueueCounts, 'count'>;
  readonly topology: BrokerTopology;
  readonly traces: TraceSetting;
  /** Of the keys of storefronts that are made here. */
  readonly keyMode: KeyMode;
}
