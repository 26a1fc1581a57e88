import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { launchAlone, onEmptyServers } from './launch-alone.mjs';
import { startCluster, stopCluster } from './provision/cluster.mjs';
import { servers } from './provision/server.mjs';

/** Lets everything fail while orders are under way, on servers of its own: see `npm run chaos -- --help`. */

const clustered = process.argv.includes('--cluster');
const { begin, end } = onEmptyServers('chaos', {
  needed: clustered ? servers.filter(({ name }) => name !== 'rabbitmq') : servers,
  anyones: true,
});
/** @param {string} home */
const clusterIn = (home) => join(home, 'cluster');

await launchAlone({
  name: 'chaos',
  script: 'test/chaos/chaos.js',
  tellsProcesses: true,
  async begin(home, signal) {
    rmSync(clusterIn(home), { recursive: true, force: true });
    await begin(home, signal);
    if (clustered) Object.assign(process.env, await startCluster(clusterIn(home)));
  },
  async end(home) {
    await Promise.all([end(home), stopCluster(clusterIn(home))]);
  },
});
