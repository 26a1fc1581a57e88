import './terminal/node-version.mjs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareProgram } from './build/prepare.mjs';
import { Fleet } from './fleet/fleet.mjs';
import { endLeftovers } from './fleet/leftovers.mjs';
import { fleetEnvironment, fleetParts, NOT_STARTED, portNames } from './fleet/parts.mjs';
import { planLines } from './fleet/plan.mjs';
import { rememberedPorts, webPort } from './fleet/ports.mjs';
import { readProcfile } from './fleet/procfile.mjs';
import { parseScale } from './fleet/scale.mjs';
import { writeTargets } from './fleet/targets.mjs';
import { firstOrder, readyTable } from './fleet/welcome.mjs';
import { tryLock } from './provision/lock.mjs';
import { provideServers, stopServers } from './provision/provide.mjs';
import { servers } from './provision/server.mjs';
import { watchServers } from './provision/watch.mjs';
import { runCommand } from './terminal/command.mjs';
import { describeFailure, Failure } from './terminal/failure.mjs';
import { describeOptions, parseOptions } from './terminal/options.mjs';
import { Progress } from './terminal/progress.mjs';
import { untilStopped } from './terminal/stop-signals.mjs';
import { together } from './terminal/together.mjs';

/** Everything, from a fresh clone to a running fleet that takes orders; in the foreground until Ctrl-C. */

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
/** Everything that is ours and not to be committed: servers with their data, the sandbox's files. */
const HOME = join(ROOT, '.local', 'dev');
const STARTED_BY = 'start';
const SERVERS_STOP_MS = 8_000;

const OPTIONS = /** @type {const} */ ({
  scale: {
    kind: 'value',
    value: 'NAME=N,…',
    help: 'how many of each process, such as inventory=2,payment=3 (0 leaves one out)',
  },
  port: {
    kind: 'value',
    value: 'PORT',
    help: 'HTTP port of the intake; also PORT (default 8080, or the next free one)',
  },
  plan: { kind: 'flag', help: 'say what would be done, and do nothing' },
  help: { kind: 'flag', help: 'this text' },
});
const HELP = `npm start -- [options]

Installs the dependencies, compiles, provides PostgreSQL, RabbitMQ and Redis, migrates, loads a sample catalogue and runs
every process of the Procfile with a sandbox for payments, shipments and mail. Ctrl-C stops all of it; the data stay in .local/.

${describeOptions(OPTIONS)}

Servers come from DATABASE_URL, RABBITMQ_URL and REDIS_URL where they are set, else from what is installed, else from
docker compose, else they are installed.
`;

const progress = new Progress();
const stop = untilStopped();
const fleet = new Fleet({ progress, pidFile: join(HOME, 'processes.json') });
stop.onSecond(() => {
  progress.say('Killing everything.');
  fleet.kill();
  // The servers keep what they have confirmed through a kill.
  void stopServers(servers, { home: HOME, startedBy: STARTED_BY, force: true }).finally(() => process.exit(130));
});

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!stop.signal.aborted) {
    process.stderr.write(`\n${describeFailure(error)}\n`);
    process.exitCode = 1;
  }
}

/** @param {readonly string[]} args */
async function main(args) {
  const { flags, values } = parseOptions(args, OPTIONS);
  if (flags.has('help')) {
    process.stdout.write(HELP);
    return;
  }
  const commands = readProcfile(join(ROOT, 'Procfile'));
  const counts = parseScale(
    values.scale ?? [],
    [...commands.keys()].filter((name) => !NOT_STARTED.includes(name)),
  );
  const choosePort = () => webPort(values.port?.at(-1) ?? process.env.PORT, process.env.HOST);
  const setting = { home: HOME, startedBy: STARTED_BY, environment: process.env };
  if (flags.has('plan')) {
    const lines = await planLines({ root: ROOT, servers, setting, commands, counts, port: await choosePort() });
    process.stdout.write(`${lines.join('\n')}\n`);
    return;
  }
  const lock = tryLock(join(HOME, 'start.lock'));
  if ('holder' in lock) {
    throw new Failure(`npm start is already running in this folder, as process ${lock.holder}`, {
      remedy: `stop it with Ctrl-C in its terminal, or: kill ${lock.holder}`,
    });
  }
  try {
    const left = await endLeftovers(fleet.pidFile);
    if (left > 0) progress.say(`Ended ${left} processes that an earlier start had left running.`);
    await run(commands, counts, await choosePort(), setting);
  } finally {
    await stopAll();
    lock.release();
  }
}

/**
 * @param {Map<string, string[]>} commands
 * @param {Map<string, number>} counts
 * @param {number} port
 * @param {import('./provision/provide.mjs').Setting} setting
 */
async function run(commands, counts, port, setting) {
  const { signal } = stop;
  /** @param {string} line */
  const say = (line) => progress.say(line);
  /** @type {import('./provision/provide.mjs').Provided[]} */
  const provided = [];
  await together(
    [
      (either) =>
        progress.step('Providing PostgreSQL, RabbitMQ, Redis', async () => {
          provided.push(...(await provideServers(servers, { ...setting, signal: either, say })));
        }),
      (either) => prepareProgram(ROOT, { progress, signal: either }),
    ],
    signal,
  );
  signal.throwIfAborted();
  const urls = Object.assign({}, ...provided.map((server) => server.urls));
  const ports = await rememberedPorts(join(HOME, 'ports.json'), portNames(counts));
  const environment = { ...process.env, ...urls };
  const env = fleetEnvironment({ home: HOME, port, ports, environment });
  const once = { cwd: ROOT, env, signal };
  const [release = '', ...releaseArgs] = commands.get('release') ?? [];
  await progress.step('Migrating and declaring the topology', () =>
    runCommand(release === 'node' ? process.execPath : release, releaseArgs, once),
  );
  await progress.step('Loading the sample catalogue', () =>
    runCommand(process.execPath, ['dist/scripts/sample-catalogue.js'], once),
  );
  const parts = fleetParts({ root: ROOT, home: HOME, commands, counts, port, ports, environment });
  writeTargets(HOME, parts);
  await progress.step(`Starting ${parts.length} processes`, () => fleet.start(parts, signal));
  const seconds = process.uptime().toFixed(1);
  progress.say(`\n${readyTable(provided, parts).join('\n')}\n`);
  progress.say(`Ready after ${seconds} s. ${await firstOrder(parts)}`);
  const watch = watchServers(servers, HOME, say);
  await stop.asked;
  watch.end();
}

async function stopAll() {
  const left = await progress.step('Stopping', async () => {
    await fleet.stop();
    return stopServers(servers, { home: HOME, startedBy: STARTED_BY, withinMs: SERVERS_STOP_MS });
  });
  if (left.length > 0) {
    progress.say(`${left.join(', ')} ran before and run on; to stop them: node scripts/servers.mjs down`);
  }
}
