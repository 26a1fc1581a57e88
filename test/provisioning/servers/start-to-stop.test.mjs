import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { signalProcess } from '../../../scripts/provision/process-identity.mjs';
import { until } from '../until.mjs';

const run = promisify(execFile);
const COPIED = ['api', 'audit', 'config', 'dist', 'migrations', 'sandbox', 'scripts', 'shared', 'test', 'workers'];
const FILES = ['Procfile', 'docker-compose.yml', 'package.json', 'package-lock.json', 'tsconfig.json'];

describe('npm start, from its start to Ctrl-C', function () {
  this.timeout(180_000);
  /** @type {string} */
  let folder;
  /** @type {import('node:child_process').ChildProcess} */
  let started;
  let printed = '';

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'warren-start-'));
    chmodSync(folder, 0o755); // under root PostgreSQL runs as another user, who has to pass
    const copying = { recursive: true, preserveTimestamps: true };
    for (const path of [...COPIED, ...FILES]) cpSync(path, join(folder, path), copying);
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    // A group of its own, as in a terminal.
    started = spawn(process.execPath, ['scripts/start.mjs', '--scale', 'inventory=2'], {
      cwd: folder,
      env,
      detached: true,
    });
    for (const stream of [started.stdout, started.stderr]) stream?.on('data', (text) => (printed += text));
    await until(() => printed.includes('Ctrl-C stops everything') || started.exitCode !== null, 150_000);
  });

  after(async () => {
    if (started.pid && started.exitCode === null) process.kill(-started.pid, 'SIGKILL');
    const servers = join(folder, 'scripts', 'servers.mjs');
    await run(process.execPath, [servers, 'kill', '--dir', join(folder, '.local', 'dev')]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('prints each part with where it came from, its version and its address', () => {
    expect(printed).to.match(/^PART +FROM +VERSION +ADDRESS$/m);
    for (const part of [
      'PostgreSQL',
      'RabbitMQ',
      'Redis',
      'provider',
      'mail-sink',
      'web',
      'inventory.1',
      'inventory.2',
      'relay',
    ]) {
      expect(printed).to.match(new RegExp(`^${part} +\\S.* \\d+\\.\\d+\\S* +\\w+://\\S+$`, 'm'));
    }
  });

  it('says how to place a first order, and that order is shipped', async () => {
    const command = printed.match(/^ {2}curl [\s\S]*?\n\n/m)?.[0] ?? '';
    const { stdout } = await run('bash', ['-c', command]);
    const { orderId, status } = JSON.parse(stdout);
    expect(status).to.equal('INITIATED');
    const follow = printed.match(/^Follow it: +(.*)$/m)?.[1]?.replace('ORDER_ID', orderId) ?? '';
    await until(async () => JSON.parse((await run('bash', ['-c', follow])).stdout).status === 'SHIPPED', 30_000);
  });

  it('starts a process again that was killed, and says so', async () => {
    /** @type {import('../../../scripts/provision/process-identity.mjs').ProcessIdentity[]} */
    const processes = JSON.parse(readFileSync(join(folder, '.local/dev/processes.json'), 'utf8'));
    const last = processes.at(-1);
    if (last) signalProcess(last, 'SIGKILL');
    await until(() => /was ended by SIGKILL; starting it again in 1 s/.test(printed));
    await until(
      () => JSON.parse(readFileSync(join(folder, '.local/dev/processes.json'), 'utf8')).at(-1).pid !== last?.pid,
    );
  });

  it('stops everything on Ctrl-C within 30 s, servers too, and keeps the data', async () => {
    const began = Date.now();
    const ended = once(started, 'exit');
    if (started.pid) process.kill(-started.pid, 'SIGINT');
    expect((await ended)[0]).to.equal(0);
    expect(Date.now() - began).to.be.lessThan(30_000);
    // RabbitMQ's runtime has helpers of its own, for which nobody waits: they end when it has.
    await until(() => processesIn(folder).length === 0 || Date.now() - began >= 30_000, 30_000);
    expect(processesIn(folder)).to.deep.equal([]);
    expect(existsSync(join(folder, '.local/dev/postgres/server/data/PG_VERSION'))).to.equal(true);
  });
});

/**
 * The processes whose working directory is below a folder, by number and name.
 * @param {string} folder
 */
function processesIn(folder) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((entry) => {
    try {
      const isThere = /^\d+$/.test(entry) && readlinkSync(`/proc/${entry}/cwd`).startsWith(folder);
      return isThere ? [`${entry} ${readFileSync(`/proc/${entry}/comm`, 'utf8').trim()}`] : [];
    } catch {
      return []; // gone meanwhile
    }
  });
}
