import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRunning } from './provision/instance.mjs';
import { lockHolder } from './provision/lock.mjs';
import { provideServers, stopServers } from './provision/provide.mjs';
import { controlCommand } from './provision/rabbitmq.mjs';
import { readRecord } from './provision/record.mjs';
import { servers } from './provision/server.mjs';
import { describeFailure } from './terminal/failure.mjs';
import { describeOptions, parseOptions, unknown } from './terminal/options.mjs';
import { runHere } from './terminal/run-here.mjs';

/** Starts and stops servers of our own: for benchmarks, fault runs and tests that take a server away. */

const STARTED_BY = 'servers';
/** Those of `npm start`. */
const OURS = fileURLToPath(new URL('../.local/dev', import.meta.url));
const ACTIONS = ['up', 'down', 'restart', 'kill', 'status', 'ctl'];
const OPTIONS = /** @type {const} */ ({
  dir: {
    kind: 'value',
    value: 'FOLDER',
    help: 'where they live, with their data (default: .local/dev, those of npm start)',
  },
  tls: {
    kind: 'flag',
    help: 'start them with TLS only, by certificates of a private authority in that folder (needs openssl)',
  },
  json: { kind: 'flag', help: 'print the URLs and what runs as one JSON object' },
  help: { kind: 'flag', help: 'this text' },
});
const HELP = `node scripts/servers.mjs ACTION [SERVER…] [options]

  up       start them, or say where they run; comes back with the same data, ports and passwords
  down     stop them in good order; the data stay
  restart  down and up
  kill     end them at once, as a crash would
  status   say what runs
  ctl      rabbitmqctl on this RabbitMQ: ctl -- list_queues

Servers: ${servers.map(({ name }) => name).join(', ')}; without one, all of them.
Prints shell assignments for the URLs: eval "$(node scripts/servers.mjs up)"

${describeOptions(OPTIONS)}
`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describeFailure(error)}\n`);
  process.exitCode = 1;
}

/** @param {readonly string[]} args */
async function main(args) {
  const { flags, values, words } = parseOptions(args, OPTIONS);
  const [action = 'help', ...names] = words;
  if (flags.has('help') || action === 'help') {
    process.stdout.write(HELP);
    return;
  }
  const given = values.dir?.at(-1);
  const home = given === undefined ? OURS : resolve(given);
  if (action === 'ctl') return runHere(controlCommand(join(home, 'rabbitmq')), names);
  if (!ACTIONS.includes(action)) throw unknown('action', action, ACTIONS);
  const chosen = names.length === 0 ? servers : names.map(serverNamed);
  // What is brought back under a running `npm start` or `npm test` is stopped by it, as what it started itself.
  const above = ['start', 'test'].find((command) => lockHolder(join(home, `${command}.lock`)) !== undefined);
  const startedBy = above ?? STARTED_BY;
  const all = { home, startedBy, anyones: true };
  if (action === 'down' || action === 'restart') await stopServers(chosen, all);
  if (action === 'kill') await stopServers(chosen, { ...all, force: true });
  if (action === 'up' || action === 'restart') {
    const tls = flags.has('tls') ? { tls: true } : {};
    await provideServers(chosen, { home, startedBy, ...tls, say: (line) => process.stderr.write(`${line}\n`) });
  }
  await print(home, flags.has('json'));
}

/**
 * @param {string} home
 * @param {boolean} json
 */
async function print(home, json) {
  /** @type {Record<string, string>} */
  const urls = {};
  /** @type {Record<string, object>} */
  const states = {};
  for (const server of servers) {
    const record = readRecord(join(home, server.name));
    const running = record !== undefined && (await isRunning(server, record));
    states[server.name] = running
      ? { running, version: record.version, pid: record.process?.pid, ports: record.ports }
      : { running };
    if (running) Object.assign(urls, server.urls(record));
  }
  if (json) process.stdout.write(`${JSON.stringify({ ...urls, servers: states })}\n`);
  else for (const [name, url] of Object.entries(urls)) process.stdout.write(`export ${name}='${url}'\n`);
}

/** @param {string} name */
function serverNamed(name) {
  const found = servers.find((server) => server.name === name);
  if (!found)
    throw unknown(
      'server',
      name,
      servers.map((server) => server.name),
    );
  return found;
}
