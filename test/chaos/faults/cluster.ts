/** Nodes of a RabbitMQ cluster die, are rolled, and are cut off from each other. */
import { type ChaosCluster, NODES } from '../chaos-cluster.js';
import { type Fault, nothingToHeal, oneOf } from '../fault.js';
import type { System } from '../system.js';

const nodeKilled: Fault = {
  name: 'node-killed',
  what: 'one of three nodes is killed: the others go on',
  touches: ['broker'],
  broker: 'cluster',
  weight: 3,
  lastsMs: [3000, 25_000],
  async inject(system, chance) {
    const cluster = clusterOf(system);
    const victim = oneOf(NODES, chance('who'));
    await cluster.kill(victim);
    return { victim: `node ${victim}`, heal: () => cluster.bringBack(victim) };
  },
};

const majorityKilled: Fault = {
  name: 'majority-killed',
  what: 'two of three nodes are killed: the third one may do nothing',
  touches: ['broker'],
  broker: 'cluster',
  weight: 1,
  lastsMs: [3000, 20_000],
  async inject(system, chance) {
    const cluster = clusterOf(system);
    const survivor = oneOf(NODES, chance('who'));
    const victims = NODES.filter((node) => node !== survivor);
    await cluster.kill(...victims);
    return { victim: `nodes ${victims.join(', ')}`, heal: () => cluster.bringBack(...victims) };
  },
};

const nodeIsolated: Fault = {
  name: 'node-isolated',
  what: 'one node cannot reach the others: it pauses, they go on',
  touches: ['broker'],
  broker: 'cluster',
  weight: 2,
  lastsMs: [5000, 30_000],
  async inject(system, chance) {
    const cluster = clusterOf(system);
    const victim = oneOf(NODES, chance('who'));
    await cluster.isolate(victim);
    return { victim: `node ${victim}`, heal: () => cluster.rejoin(victim) };
  },
};

const nodesRolled: Fault = {
  name: 'nodes-rolled',
  what: 'one node after the other is stopped in order and started again',
  touches: ['broker'],
  broker: 'cluster',
  weight: 1,
  lastsMs: [0, 0],
  async inject(system) {
    const cluster = clusterOf(system);
    for (const node of NODES) {
      await cluster.stop(node);
      await cluster.bringBack(node);
    }
    return { victim: `${NODES.length} nodes`, heal: nothingToHeal };
  },
};

export const clusterFaults: readonly Fault[] = [nodeKilled, majorityKilled, nodeIsolated, nodesRolled];

function clusterOf({ cluster }: System): ChaosCluster {
  if (cluster === undefined) throw new TypeError('there is no cluster');
  return cluster;
}
