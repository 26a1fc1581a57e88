/** The run's own RabbitMQ cluster: three nodes, to be killed, rolled and cut off from each other. */
import { runNode } from '../bench/command.js';

export const NODES = [1, 2, 3] as const;
export type ClusterNode = (typeof NODES)[number];

export class ChaosCluster {
  readonly #home: string;

  /** @param home the folder of the nodes */
  constructor(home: string) {
    this.#home = home;
  }

  /** As a crash of its machine would end it. */
  async kill(...nodes: readonly ClusterNode[]): Promise<void> {
    await this.#cluster('kill', ...nodes.map(String));
  }

  async stop(node: ClusterNode): Promise<void> {
    await this.#cluster('down', String(node));
  }

  /** Resolves when they answer. */
  async bringBack(...nodes: readonly ClusterNode[]): Promise<void> {
    await this.#cluster('up', ...nodes.map(String));
  }

  /** Cuts the node off from its peers: it breaks off the connections, and takes them for strangers when they come again. */
  async isolate(node: ClusterNode): Promise<void> {
    const strange = 'begin erlang:set_cookie(Peer, stranger), erlang:disconnect_node(Peer) end';
    await this.control(node, 'eval', `[${strange} || ${PEERS}].`);
  }

  /** Resolves when the node is back in the cluster. */
  async rejoin(node: ClusterNode): Promise<void> {
    await this.control(node, 'eval', `[erlang:set_cookie(Peer, erlang:get_cookie()) || ${PEERS}].`);
    await this.control(node, 'await_startup', '--timeout', '120');
  }

  /** rabbitmqctl on that node; what it printed. */
  control(node: ClusterNode, ...words: readonly string[]): Promise<string> {
    return this.#cluster('ctl', String(node), '--', ...words);
  }

  #cluster(action: string, ...words: readonly string[]): Promise<string> {
    return runNode(['scripts/cluster.mjs', action, '--dir', this.#home, ...words]);
  }
}

/** As scripts/provision/cluster.mjs names them. */
const PEERS = `Peer <- [${NODES.map((node) => `'warren-${node}@localhost'`).join(', ')}], Peer =/= node()`;
