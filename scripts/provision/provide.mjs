import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from '../terminal/failure.mjs';
import { together } from '../terminal/together.mjs';
import { canCompose, startContainer, stopContainer } from './compose.mjs';
import { givenServer, greetGiven, withoutPassword } from './given.mjs';
import { isRunning, startInstance, stopInstance } from './instance.mjs';
import { withLock } from './lock.mjs';
import { findInstaller, installPackages } from './packages.mjs';
import { isAlive } from './process-identity.mjs';
import { readRecord } from './record.mjs';

/**
 * Where a server comes from. The order of the cases is the order in which they are tried.
 * @typedef {{ from: 'environment', given: import('./given.mjs').Given }
 *   | { from: 'running', record: import('./record.mjs').ServerRecord }
 *   | { from: 'installed', installed: import('./server.mjs').Installed }
 *   | { from: 'compose' }
 *   | { from: 'packages', installer: import('./packages.mjs').Installer }
 *   | { from: 'nowhere' }} Source
 */

/**
 * @typedef {object} Setting
 * @property {string} home the folder that holds a folder for each server
 * @property {string} startedBy the command on whose behalf servers are started; it alone stops them
 * @property {boolean} [tls] what is started takes only encrypted connections; by default as it was before, or plain ones
 * @property {NodeJS.ProcessEnv} [environment] where URLs are looked for; without it only servers of our own are used
 * @property {AbortSignal} [signal] begins nothing more
 * @property {(line: string) => void} [say]
 */

/**
 * A server that answers.
 * @typedef {object} Provided
 * @property {string} title
 * @property {string} from in words
 * @property {string | undefined} version
 * @property {string} address without a password
 * @property {Record<string, string>} urls what the program's environment needs
 */

/**
 * Decides where a server comes from, and changes nothing.
 * @param {import('./server.mjs').Server} server
 * @param {Setting} setting
 * @returns {Promise<Source>}
 */
export async function chooseSource(server, { home, environment }) {
  const given = environment && givenServer(server, environment);
  if (given) return { from: 'environment', given };
  const folder = join(home, server.name);
  const record = readRecord(folder);
  if (record && (await isRunning(server, record))) return { from: 'running', record };
  // Whoever began with a container has the data there.
  const composed = record?.kind === 'compose' && (await canCompose());
  const installed = composed ? undefined : await server.find(folder);
  if (installed) return { from: 'installed', installed };
  if (composed || (await canCompose())) return { from: 'compose' };
  const installer = await findInstaller();
  return installer ? { from: 'packages', installer } : { from: 'nowhere' };
}

/**
 * Provides all of them at the same time. When one cannot be had the others may have been started by then:
 * `stopServers` stops what was.
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {Setting} setting
 * @returns {Promise<Provided[]>}
 */
export function provideServers(servers, setting) {
  return withLock(lockPath(setting.home), () => provideAll(servers, setting));
}

/**
 * Stops the servers of that home: those that this command started, or with `anyones` all of them.
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {{ home: string, startedBy: string, anyones?: boolean, force?: boolean, withinMs?: number }} options `force`
 *   kills them at once, and waits for nobody
 * @returns {Promise<string[]>} which were left running because another command started them
 */
export async function stopServers(servers, { home, startedBy, anyones = false, ...how }) {
  /** @type {string[]} */
  const left = [];
  const stopAll = () =>
    Promise.all(
      servers.map(async (server) => {
        const folder = join(home, server.name);
        const record = readRecord(folder);
        if (!record) return;
        if (!anyones && record.startedBy !== startedBy) {
          if (isAlive(record.process)) left.push(server.title);
        } else if (record.kind === 'compose') await stopContainer(server, record, how);
        else await stopInstance(server, folder, how);
      }),
    );
  await (how.force ? stopAll() : withLock(lockPath(home), stopAll));
  return left;
}

/**
 * Deletes the servers' data, but those of a server that runs.
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {string} home
 */
export function wipeServers(servers, home) {
  for (const server of servers) {
    const folder = join(home, server.name);
    const record = readRecord(folder);
    if (record?.kind === 'compose' || isAlive(record?.process)) continue;
    for (const path of server.dataFolders?.(folder) ?? [folder]) rmSync(path, { recursive: true, force: true });
  }
}

/** @param {string} home */
function lockPath(home) {
  return join(home, 'lock');
}

/**
 * @param {readonly import('./server.mjs').Server[]} servers
 * @param {Setting} setting
 */
async function provideAll(servers, setting) {
  const sources = new Map(
    await Promise.all(
      servers.map(
        async (server) =>
          /** @type {[import('./server.mjs').Server, Source]} */ ([server, await chooseSource(server, setting)]),
      ),
    ),
  );
  const missing = servers.filter((server) => sources.get(server)?.from === 'nowhere');
  if (missing.length > 0) throw nothingToRun(missing);
  const justInstalled = await installMissing(sources, setting);
  return together(
    [...sources].map(
      ([server, source]) =>
        (signal) =>
          provide(server, source, { ...setting, signal }, justInstalled.get(server)),
    ),
    setting.signal,
  );
}

/**
 * Installs, in one go, what has to be installed; the packages' servers then count as installed.
 * @param {Map<import('./server.mjs').Server, Source>} sources
 * @param {Setting} setting
 * @returns {Promise<Map<import('./server.mjs').Server, string>>} what each was installed by
 */
async function installMissing(sources, { home, say, signal }) {
  const wanting = [...sources].flatMap(([server, source]) =>
    source.from === 'packages' ? [{ server, installer: source.installer }] : [],
  );
  const [first] = wanting;
  if (!first) return new Map();
  const { installer } = first;
  const servers = wanting.map(({ server }) => server);
  say?.(`installing ${servers.map(({ title }) => title).join(', ')} (${installer.name})`);
  await installPackages(servers, installer, { signal });
  for (const server of servers) {
    const installed = await server.find(join(home, server.name));
    if (!installed) throw new Failure(`${server.title} was installed by ${installer.name} but cannot be found`);
    sources.set(server, { from: 'installed', installed });
  }
  return new Map(servers.map((server) => [server, `installed by ${installer.name}`]));
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {Source} source
 * @param {Setting} setting
 * @param {string} [how] it came to be installed
 * @returns {Promise<Provided>}
 */
async function provide(server, source, { home, startedBy, tls, say, signal }, how) {
  const folder = join(home, server.name);
  const { title } = server;
  if (source.from === 'environment') {
    const { version, address } = await greetGiven(server, source.given);
    return { title, from: source.given.variable, version, address, urls: {} };
  }
  if (source.from === 'running') {
    return ours(
      server,
      source.record,
      source.record.kind === 'compose' ? 'docker compose, was running' : 'was running',
    );
  }
  if (source.from === 'compose') {
    return ours(server, await startContainer(server, folder, { startedBy, signal }), 'docker compose');
  }
  if (source.from !== 'installed') throw new Error(`${title} should have been installed by now`);
  const record = await startInstance(server, folder, source.installed, { startedBy, tls, say, signal });
  return ours(server, record, how ?? `started ${dirname(source.installed.binary)}`);
}

/**
 * @param {import('./server.mjs').Server} server
 * @param {import('./record.mjs').ServerRecord} record
 * @param {string} from
 * @returns {Provided}
 */
function ours(server, record, from) {
  const urls = server.urls(record);
  const [url = ''] = Object.values(urls);
  return { title: server.title, from, version: record.version, address: withoutPassword(url), urls };
}

/** @param {readonly import('./server.mjs').Server[]} servers */
function nothingToRun(servers) {
  const titles = servers.map(({ title }) => title).join(', ');
  const variables = servers.map(({ variables: [variable] }) => variable).join(', ');
  const apt = servers.flatMap((server) => server.packages.apt).join(' ');
  const brew = servers.flatMap((server) => server.packages.brew).join(' ');
  return new Failure(
    `No ${titles} here: set ${variables}, or install it (apt-get install ${apt} · brew install ${brew}), ` +
      'or start Docker with its compose plugin, or run this as root or with passwordless sudo to have it installed',
  );
}
