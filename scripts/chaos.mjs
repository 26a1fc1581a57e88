import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { endLeftovers, rememberProcesses } from './fleet/leftovers.mjs';
import { launch, ROOT } from './launch.mjs';
import { startCluster, stopCluster } from './provision/cluster.mjs';
import { tryLock } from './provision/lock.mjs';
import { identify } from './provision/process-identity.mjs';
import { provideServers, stopServers, wipeServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';
import { Failure } from './terminal/failure.mjs';

/** Lets everything fail while orders are under way, on servers of its own: see `npm run chaos -- --help`. */

const HOME = join(ROOT, '.local', 'chaos');
/** What the run starts, so that nothing outlives it, were it killed. */
const PROCESSES = join(HOME, 'processes.json');
const CLUSTER = join(HOME, 'cluster');
const STARTED_BY = 'chaos';
/** Those that were killed and brought back meanwhile included. */
const ALL = { home: HOME, startedBy: STARTED_BY, anyones: true };

const clustered = process.argv.includes('--cluster');
const needed = clustered ? servers.filter(({ name }) => name !== 'rabbitmq') : servers;

let release = () => {};

if (process.argv.includes('--help')) await launch('test/chaos/chaos.js');
else await launch('test/chaos/chaos.js', { before, onMessage, after });

/** @param {AbortSignal} signal */
async function before(signal) {
  const lock = tryLock(join(HOME, 'chaos.lock'));
  if ('holder' in lock) {
    throw new Failure(`npm run chaos is already running in this folder, as process ${lock.holder}`, {
      remedy: 'wait until it has ended',
    });
  }
  release = lock.release;
  try {
    await provide(signal);
  } catch (error) {
    await after();
    throw error;
  }
}

/** @param {AbortSignal} signal */
async function provide(signal) {
  await endLeftovers(PROCESSES);
  await stopAll();
  wipeServers(servers, HOME);
  rmSync(CLUSTER, { recursive: true, force: true });
  /** @param {string} line */
  const say = (line) => void process.stderr.write(`${line}\n`);
  const provided = await provideServers(needed, { home: HOME, startedBy: STARTED_BY, signal, say });
  // It kills and deletes: only ever on servers of its own, whatever the environment names.
  Object.assign(process.env, ...provided.map((server) => server.urls), clustered ? await startCluster(CLUSTER) : {});
}

/** @param {unknown} message */
function onMessage(message) {
  const { running } = /** @type {{ running: number[] }} */ (message);
  rememberProcesses(PROCESSES, running.map(identify));
}

async function stopAll() {
  await Promise.all([stopServers(servers, ALL), stopCluster(CLUSTER)]);
}

async function after() {
  await endLeftovers(PROCESSES);
  await stopAll();
  release();
}
