import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch, ROOT } from './launch.mjs';
import { givenServer } from './provision/given.mjs';
import { isRunning } from './provision/instance.mjs';
import { readRecord } from './provision/record.mjs';
import { servers } from './provision/server.mjs';

/** Computes every invariant, by default of the fleet of `npm start`: see `npm run audit -- --help`. */

/** Of `npm start`. */
const HOME = join(ROOT, '.local', 'dev');
/** What the sandbox provider knows us by. */
const SANDBOX_KEY = 'sandbox-provider-key';

await launch('scripts/audit.js', { before: async () => ({ ...(await serverUrls()), ...sandboxUrls() }) });

/** Of those of our own that run, and that the environment does not name. */
async function serverUrls() {
  /** @type {Record<string, string>} */
  const urls = {};
  for (const server of servers) {
    if (givenServer(server, process.env)) continue;
    const record = readRecord(join(HOME, server.name));
    if (record && (await isRunning(server, record))) Object.assign(urls, server.urls(record));
  }
  return urls;
}

/** Where the sandbox of `npm start` listens, when it is not another database that is audited. */
function sandboxUrls() {
  const ports = portsOf(join(HOME, 'ports.json'));
  if (process.env.DATABASE_URL || !ports) return {};
  const provider = `http://127.0.0.1:${ports.provider}`;
  return {
    PAYMENT_URL: provider,
    CARRIER_URL: provider,
    PAYMENT_API_KEY: SANDBOX_KEY,
    CARRIER_API_KEY: SANDBOX_KEY,
    MAIL_SINK_URL: `http://127.0.0.1:${ports['mail-sink']}`,
  };
}

/**
 * @param {string} path
 * @returns {Record<string, number> | undefined} nothing where npm start never ran
 */
function portsOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
