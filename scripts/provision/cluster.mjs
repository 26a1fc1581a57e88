import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../terminal/failure.mjs';
import { isRunning, startInstance, stopInstance } from './instance.mjs';
import { freePorts } from './ports.mjs';
import { controlCommand, rabbitmqNode, stopEpmd } from './rabbitmq.mjs';
import { readRecord, writeRecord } from './record.mjs';

/** Three RabbitMQ nodes on this machine that are one cluster: they prove correctness, never speed. */

/** A majority of three outlives one. */
export const NODES = /** @type {const} */ ([1, 2, 3]);
/** @typedef {typeof NODES[number]} NodeNumber */

/** @param {NodeNumber} at */
const nameOf = (at) => `warren-${at}@localhost`;

/**
 * Starts those nodes, or says where they run; they come back with the same data, ports and passwords. Nodes that were never
 * there find each other only when they are started together.
 * @param {string} home a folder for each is made in it
 * @param {readonly NodeNumber[]} [nodes]
 * @returns {Promise<Record<string, string>>} URLs of all nodes, for the environment
 */
export async function startCluster(home, nodes = NODES) {
  const shared = await sharedBy(home);
  await Promise.all(
    nodes.map(async (at) => {
      const [server, folder] = [serverOf(at, shared), join(home, String(at))];
      const record = readRecord(folder);
      if (record?.process && (await isRunning(server, record))) return;
      const installed = await server.find(folder);
      if (!installed) {
        throw new Failure('A cluster needs RabbitMQ installed on this machine, and there is none', {
          remedy: `install it: apt-get install ${server.packages.apt.join(' ')} · brew install ${server.packages.brew.join(' ')}`,
        });
      }
      await startInstance(server, folder, installed, { startedBy: 'cluster' });
    }),
  );
  return urlsOf(home);
}

/**
 * @param {string} home
 * @param {readonly NodeNumber[]} [nodes]
 * @param {{ force?: boolean }} [how] `force` kills them at once, as a crash would
 */
export async function stopCluster(home, nodes = NODES, how = {}) {
  const shared = readShared(home);
  if (!shared) return;
  await Promise.all(nodes.map((at) => stopInstance(serverOf(at, shared), join(home, String(at)), how)));
  // It refuses while one of the nodes is there.
  if (nodes.length === NODES.length) await stopEpmd(shared.epmd);
}

/**
 * rabbitmqctl, aimed at one node.
 * @param {string} home
 * @param {NodeNumber} at
 */
export function controlNode(home, at) {
  const shared = readShared(home);
  if (!shared) throw new Failure(`No cluster of ours has been started in ${home}`);
  return controlCommand(join(home, String(at)), nodeOf(at, shared));
}

/** @typedef {{ epmd: number, secrets: Record<string, string> }} Shared what all nodes have in common */

/**
 * @param {NodeNumber} at
 * @param {Shared} shared
 * @returns {import('./rabbitmq.mjs').RabbitMqNode}
 */
function nodeOf(at, { epmd }) {
  return {
    name: nameOf(at),
    epmd,
    settings: [
      'cluster_formation.peer_discovery_backend = classic_config',
      ...NODES.map((node) => `cluster_formation.classic_config.nodes.${node} = ${nameOf(node)}`),
      'cluster_partition_handling = pause_minority',
    ],
  };
}

/**
 * @param {NodeNumber} at
 * @param {Shared} shared
 */
const serverOf = (at, shared) => rabbitmqNode('rabbitmq', nodeOf(at, shared));

/** @param {string} home */
function urlsOf(home) {
  const urls = NODES.map((at) => {
    const record = readRecord(join(home, String(at)));
    const shared = readShared(home);
    return record && shared ? serverOf(at, shared).urls(record) : {};
  });
  return {
    ...urls[0],
    RABBITMQ_URL: urls.map(({ RABBITMQ_URL }) => RABBITMQ_URL).join(','),
  };
}

/**
 * Credentials are remembered before anything is made with them.
 * @param {string} home
 * @returns {Promise<Shared>}
 */
async function sharedBy(home) {
  const before = readShared(home);
  if (before) return before;
  mkdirSync(home, { recursive: true });
  const { portNames, secretNames } = rabbitmqNode('rabbitmq', { name: '' });
  const secrets = Object.fromEntries(secretNames.map((name) => [name, randomBytes(16).toString('hex')]));
  const all = await freePorts(['epmd', ...NODES.flatMap((at) => portNames.map((name) => `${name} ${at}`))]);
  for (const at of NODES) {
    const folder = join(home, String(at));
    mkdirSync(folder, { recursive: true });
    const ports = Object.fromEntries(portNames.map((name) => [name, all[`${name} ${at}`] ?? 0]));
    writeRecord(folder, { kind: 'private', ports, secrets });
  }
  const shared = { epmd: all.epmd ?? 0, secrets };
  writeFileSync(sharedPath(home), JSON.stringify(shared), { mode: 0o600 });
  return shared;
}

/**
 * @param {string} home
 * @returns {Shared | undefined} nothing where no cluster has been
 */
function readShared(home) {
  try {
    return JSON.parse(readFileSync(sharedPath(home), 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param {string} home */
function sharedPath(home) {
  return join(home, 'cluster.json');
}
