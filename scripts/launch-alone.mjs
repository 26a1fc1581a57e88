import { join } from 'node:path';
import { endLeftovers, rememberProcesses } from './fleet/leftovers.mjs';
import { launch, ROOT } from './launch.mjs';
import { tryLock } from './provision/lock.mjs';
import { identify } from './provision/process-identity.mjs';
import { provideServers, stopServers, wipeServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';
import { Failure } from './terminal/failure.mjs';

/**
 * @typedef {object} Alone
 * @property {string} name of the command, as npm runs it; what it keeps is in `.local/` under this name
 * @property {string} script inside dist/
 * @property {(home: string, signal: AbortSignal) => Promise<void>} [begin] once nothing of an earlier run is left
 * @property {(home: string) => Promise<void>} end however it ended, and before it begins; what is not there is left alone
 * @property {string} [remedy] for whoever starts a second one
 * @property {boolean} [tellsProcesses] it tells of the processes that it runs, so that none outlives it, were it killed
 */

/**
 * Launches a command of which one runs at a time in this folder, on servers of its own.
 * @param {Alone} alone
 */
export async function launchAlone({ name, script, begin, end, remedy = 'wait until it has ended', tellsProcesses }) {
  if (process.argv.includes('--help')) return launch(script);
  const home = join(ROOT, '.local', name);
  const processes = join(home, 'processes.json');
  let release = () => {};
  const endAll = async () => {
    await endLeftovers(processes);
    await end(home);
  };
  const after = async () => {
    await endAll();
    release();
  };
  await launch(script, {
    async before(signal) {
      const lock = tryLock(join(home, `${name}.lock`));
      if ('holder' in lock)
        throw new Failure(`npm run ${name} is already running in this folder, as process ${lock.holder}`, { remedy });
      release = lock.release;
      try {
        await endAll();
        await begin?.(home, signal);
      } catch (error) {
        await after();
        throw error;
      }
    },
    after,
    ...(tellsProcesses && {
      /** @param {unknown} message */
      onMessage(message) {
        const { running } = /** @type {{ running: number[] }} */ (message);
        rememberProcesses(processes, running.map(identify));
      },
    }),
  });
}

/**
 * How such a command begins and ends that works on empty servers, whatever the environment names: it fills tables, kills
 * and plants.
 * @param {string} startedBy the name of the command
 * @param {{ needed?: readonly import('./provision/server.mjs').Server[], anyones?: boolean }} [options] `anyones`: those that it has
 *   itself brought back are ended as well
 */
export function onEmptyServers(startedBy, { needed = servers, anyones = false } = {}) {
  return {
    /** @param {string} home @param {AbortSignal} signal */
    async begin(home, signal) {
      wipeServers(servers, home);
      /** @param {string} line */
      const say = (line) => void process.stderr.write(`${line}\n`);
      const provided = await provideServers(needed, { home, startedBy, signal, say });
      Object.assign(process.env, ...provided.map((server) => server.urls));
    },
    /** @param {string} home */
    async end(home) {
      await stopServers(servers, { home, startedBy, anyones });
    },
  };
}
