import { join } from 'node:path';
import { endLeftovers, rememberProcesses } from './fleet/leftovers.mjs';
import { launch, ROOT } from './launch.mjs';
import { tryLock } from './provision/lock.mjs';
import { identify } from './provision/process-identity.mjs';
import { stopServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';
import { Failure } from './terminal/failure.mjs';

/** Measures the program on servers of its own: see `npm run bench -- --help`. */

const HOME = join(ROOT, '.local', 'bench');
const SERVERS = join(HOME, 'servers');
/** What the bench runs, so that nothing outlives it, were it killed. */
const PROCESSES = join(HOME, 'processes.json');

let release = () => {};

if (process.argv[2] === 'plan') {
  // It only computes, from results that are kept.
  await launch('test/bench/plan/plan.js');
} else {
  await launch('test/bench/bench.js', measuring());
}

/** One at a time, on servers of its own. */
function measuring() {
  return {
    async before() {
      const lock = tryLock(join(HOME, 'bench.lock'));
      if ('holder' in lock) {
        throw new Failure(`npm run bench is already running in this folder, as process ${lock.holder}`, {
          remedy: 'wait until it has ended: two at once would measure each other',
        });
      }
      release = lock.release;
      await endLeftovers(PROCESSES);
    },
    /** @param {unknown} message */
    onMessage(message) {
      const { running } = /** @type {{ running: number[] }} */ (message);
      rememberProcesses(PROCESSES, running.map(identify));
    },
    async after() {
      await endLeftovers(PROCESSES);
      await stopServers(servers, { home: SERVERS, startedBy: 'bench', anyones: true });
      release();
    },
  };
}
