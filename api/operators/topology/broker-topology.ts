/** What the topology of this release is, and where the broker is that has to hold it. */

import type { TopologyView } from '../../../shared/rabbitmq/live-topology.js';
import { Management } from '../../../shared/rabbitmq/management.js';
import type { Topology } from '../../../shared/rabbitmq/topology.js';

export interface BrokerTopology {
  readonly declared: () => Promise<Topology>;
  /** Nodes of the cluster. */
  readonly urls: readonly string[];
  /** Undefined where there is no management API. */
  readonly managementUrl: string | undefined;
}

export function viewOf({ urls: [url = ''], managementUrl }: BrokerTopology): TopologyView {
  return { url, management: managementUrl === undefined ? undefined : new Management(managementUrl) };
}
