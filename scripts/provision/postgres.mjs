import { chmodSync, chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runCommand } from '../terminal/command.mjs';
import { Failure } from '../terminal/failure.mjs';
import { ensureCertificate } from './authority.mjs';
import { executables, foldersLike, outputOf, searchPath } from './binaries.mjs';
import { greetPostgres } from './postgres-hello.mjs';
import { makeHome, possibleHomes, postgresUser } from './postgres-user.mjs';

/** Owns the database, and is no superuser: one is above row-level security. */
const USER = 'warren';
const SUPERUSER = 'postgres';
const DATABASE = 'warren';

/** Durable as in production (fsync and synchronous commit stay on); sized for a machine it shares with the whole fleet. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  // A socket in a shared folder could be taken for the system's own server.
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  checkpoint_timeout: '15min',
  random_page_cost: '1.1',
  jit: 'off',
  log_checkpoints: 'off',
};

/** PostgreSQL: the truth. */
/** @type {import('./server.mjs').Server} */
export const postgres = {
  name: 'postgres',
  title: 'PostgreSQL',
  variables: ['DATABASE_URL'],
  portNames: ['postgres'],
  secretNames: ['password'],
  packages: { apt: ['postgresql'], brew: ['postgresql@17'] },
  stopSignal: 'SIGINT', // "fast": ends the sessions that are open, and writes a checkpoint

  async find(folder) {
    const homes = Object.values(possibleHomes(folder));
    const user = postgresUser(homes);
    const wanted = homes.map(dataVersion).find((version) => version !== undefined);
    const available = [];
    for (const binary of executables('postgres', binaryFolders())) {
      if (!existsSync(join(dirname(binary), 'initdb'))) continue;
      const version = versionIn(await outputOf(binary, ['--version'], { uid: user?.uid, gid: user?.gid }));
      if (!version) continue;
      if (wanted === undefined || version.split('.')[0] === wanted) return { binary, version };
      available.push(version);
    }
    if (wanted === undefined || available.length === 0) return undefined;
    throw new Failure(`The data in ${folder} were made by PostgreSQL ${wanted}; installed is ${available.join(', ')}`, {
      remedy: `install PostgreSQL ${wanted}, or move ${folder} away to begin with empty data`,
    });
  },

  async prepare({ folder, installed, ports, secrets, authority, say }) {
    const user = postgresUser(Object.values(possibleHomes(folder)));
    const home = makeHome(folder, user);
    const as = user ? { uid: user.uid, gid: user.gid } : {};
    const data = join(home, 'data');
    if (!existsSync(data)) await initialise(home, installed.binary, secrets.password ?? '', as);
    removeDeadPidFile(data);
    if (!home.startsWith(folder)) say(`PostgreSQL's data are in ${home}: user ${user?.name} cannot reach ${folder}`);
    const tls = authority ? encrypted(home, await ensureCertificate(authority, home, as)) : {};
    const settings = Object.entries({ ...SETTINGS, ...tls, port: String(ports.postgres) });
    const args = ['-D', data, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    return { command: installed.binary, args, cwd: home, ...as };
  },

  async answers({ ports }) {
    await greetPostgres({ host: '127.0.0.1', port: ports.postgres ?? 0 }, USER, DATABASE);
  },

  urls({ ports, secrets, authority }) {
    const url = `postgres://${USER}:${secrets.password}@127.0.0.1:${ports.postgres}/${DATABASE}`;
    return authority ? { DATABASE_URL: `${url}?sslmode=verify-full`, DATABASE_CA: authority } : { DATABASE_URL: url };
  },

  dataFolders(folder) {
    return [folder, possibleHomes(folder).elsewhere];
  },

  async greet(url) {
    const database = decodeURIComponent(url.pathname.slice(1)) || decodeURIComponent(url.username);
    const address = { host: url.hostname, port: Number(url.port || 5432) };
    await greetPostgres(address, decodeURIComponent(url.username), database);
    return undefined;
  },
};

/**
 * @param {string} home
 * @param {import('./authority.mjs').Certificate} files
 */
function encrypted(home, { certificate, key }) {
  const admitted = join(home, 'tls', 'pg_hba.conf');
  writeFileSync(admitted, 'hostssl all all 127.0.0.1/32 scram-sha-256\n');
  chmodSync(admitted, 0o644);
  return { ssl: 'on', ssl_cert_file: certificate, ssl_key_file: key, hba_file: admitted };
}

function binaryFolders() {
  return [
    ...foldersLike('/usr/lib/postgresql/*/bin'),
    ...foldersLike('/usr/pgsql-*/bin'),
    ...foldersLike('/opt/homebrew/opt/postgresql@*/bin'),
    ...foldersLike('/usr/local/opt/postgresql@*/bin'),
    ...foldersLike('/Applications/Postgres.app/Contents/Versions/*/bin'),
    ...searchPath(),
  ];
}

/**
 * The major version that made the data; undefined when there are none yet.
 * @param {string} home
 */
function dataVersion(home) {
  try {
    return readFileSync(join(home, 'data', 'PG_VERSION'), 'utf8').trim();
  } catch {
    return undefined;
  }
}

/** @param {string | undefined} words such as `postgres (PostgreSQL) 15.13 (Debian 15.13-1)` */
function versionIn(words) {
  return words?.match(/(\d+(?:\.\d+)?)/)?.[1];
}

/**
 * Makes the data folder under another name and renames it when it is whole, so that half of one is never taken for data.
 * @param {string} home
 * @param {string} binary
 * @param {string} password
 * @param {{ uid?: number, gid?: number }} as
 */
async function initialise(home, binary, password, as) {
  const draft = join(home, 'data.new');
  const passwordFile = join(home, 'password');
  rmSync(draft, { recursive: true, force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  chmodSync(passwordFile, 0o600);
  if (as.uid !== undefined && as.gid !== undefined) chownSync(passwordFile, as.uid, as.gid);
  const options = [`--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C'];
  await runCommand(join(dirname(binary), 'initdb'), ['-D', draft, '-U', SUPERUSER, ...options], { cwd: home, ...as });
  await runCommand(binary, ['--single', '-D', draft, 'postgres'], {
    cwd: home,
    ...as,
    // A command a line. Tests and benches make databases of their own, `warren topology users` roles.
    input: [
      `CREATE ROLE ${USER} LOGIN CREATEDB CREATEROLE PASSWORD '${password.replaceAll("'", "''")}';`,
      `CREATE DATABASE ${DATABASE} OWNER ${USER};`,
      '',
    ].join('\n'),
  });
  rmSync(passwordFile, { force: true });
  renameSync(draft, join(home, 'data'));
}

/**
 * PostgreSQL trusts its pid file if any process of the same user has that number, which after a reboot may be anyone.
 * Called only when our own instance is known not to run.
 * @param {string} data
 */
function removeDeadPidFile(data) {
  const path = join(data, 'postmaster.pid');
  if (!existsSync(path)) return;
  const pid = Number(readFileSync(path, 'utf8').split('\n')[0]);
  const commandLine = existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : undefined;
  if (process.platform === 'linux' && !commandLine?.includes(data)) rmSync(path, { force: true });
}
