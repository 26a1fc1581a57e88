import { join } from 'node:path';
import { launch, ROOT } from './launch.mjs';
import { tryLock } from './provision/lock.mjs';
import { provideServers, stopServers, wipeServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';
import { Failure } from './terminal/failure.mjs';

/** Sends hostile requests to a fleet on servers of its own: see `npm run fuzz -- --help`. */

const HOME = join(ROOT, '.local', 'fuzz');
const STARTED_BY = 'fuzz';

let release = () => {};

await launch('test/fuzz/fuzz.js', {
  async before(signal) {
    if (process.argv.includes('--help')) return {};
    const lock = tryLock(join(HOME, 'fuzz.lock'));
    if ('holder' in lock) {
      throw new Failure(`npm run fuzz is already running in this folder, as process ${lock.holder}`, {
        remedy: 'wait until it has ended',
      });
    }
    release = lock.release;
    try {
      return await provide(signal);
    } catch (error) {
      await after();
      throw error;
    }
  },
  after,
});

/**
 * @param {AbortSignal} signal
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
async function provide(signal) {
  await stopServers(servers, { home: HOME, startedBy: STARTED_BY });
  wipeServers(servers, HOME);
  /** @param {string} line */
  const say = (line) => void process.stderr.write(`${line}\n`);
  const provided = await provideServers(servers, { home: HOME, startedBy: STARTED_BY, signal, say });
  const urls = Object.assign({}, ...provided.map((server) => server.urls));
  // It fills tables: only ever on servers of its own, whatever the environment names.
  Object.assign(process.env, urls, { NODE_ENV: 'test', WARREN_TEST_SERVERS: HOME });
  return urls;
}

async function after() {
  await stopServers(servers, { home: HOME, startedBy: STARTED_BY });
  release();
}
