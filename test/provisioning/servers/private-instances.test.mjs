import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { beganAt } from '../../../scripts/provision/process-identity.mjs';
import { until } from '../until.mjs';

const run = promisify(execFile);

/**
 * @typedef {{ running: boolean, pid: number, ports: Record<string, number> }} State
 * @typedef {{ DATABASE_URL: string, RABBITMQ_URL: string, REDIS_URL: string, servers: Record<'postgres' | 'rabbitmq' | 'redis', State> }} Status
 */

describe('servers of our own', () => {
  /** @type {string} */
  let home;
  /** @type {Status} */
  let first;

  before(async function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), 'warren-servers-'));
    chmodSync(folder, 0o755); // under root PostgreSQL runs as another user, who has to pass
    home = join(folder, '.local', 'servers');
    // What a start leaves that was killed while it made the data folder, and one while it wrote its record.
    mkdirSync(join(home, 'postgres', 'server', 'data.new', 'base'), { recursive: true });
    mkdirSync(join(home, 'redis'), { recursive: true });
    writeFileSync(join(home, 'redis', 'server.json'), '{"kind":"pri');
    first = await servers('up');
  });

  after(async function () {
    this.timeout(60_000);
    await servers('down');
    rmSync(join(home, '..', '..'), { recursive: true, force: true });
  });

  it('come up beside half of what an earlier start left', () => {
    for (const { running } of Object.values(first.servers)) expect(running).to.equal(true);
  });

  it('listen on loopback only, all their ports', () => {
    if (process.platform !== 'linux') return; // no /proc/net
    const LOOPBACK = ['0100007F', '00000000000000000000000001000000'];
    const listening = ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, , , state]) => state === '0A')
        .map(([, local = '']) => local.split(':')),
    );
    for (const port of Object.values(first.servers).flatMap(({ ports }) => Object.values(ports))) {
      const addresses = listening.filter(([, at = '']) => Number.parseInt(at, 16) === port).map(([address]) => address);
      expect(addresses, `port ${port}`).to.not.be.empty;
      for (const address of addresses) expect(LOOPBACK).to.include(address);
    }
  });

  it('are found again by a second start, also by two at once', async () => {
    const [again, atOnce] = await Promise.all([servers('up'), servers('up')]);
    expect(again).to.deep.equal(first);
    expect(atOnce).to.deep.equal(first);
  });

  it('are left alone, each, where a stranger holds the default port', async () => {
    let visits = 0;
    const strangers = [5432, 5672, 6379].map((port) => {
      const stranger = createServer(() => visits++);
      stranger.on('error', () => {}); // taken already: then that is the stranger
      return stranger.listen(port, '127.0.0.1');
    });
    expect(await servers('restart', 'redis')).to.have.property('REDIS_URL', first.REDIS_URL);
    for (const stranger of strangers) stranger.close();
    expect(visits).to.equal(0);
  });

  it('come back at the same address with their data after kill -9', async function () {
    this.timeout(60_000);
    await query('create table kept (n int); insert into kept values (42)');
    const { servers: before } = await servers('status');
    for (const { pid } of Object.values(before)) process.kill(pid, 'SIGKILL');
    await until(() => Object.values(before).every(({ pid }) => beganAt(pid) === undefined));
    const after = await servers('up');
    expect(after.DATABASE_URL).to.equal(first.DATABASE_URL);
    expect(after.RABBITMQ_URL).to.equal(first.RABBITMQ_URL);
    expect(after.REDIS_URL).to.equal(first.REDIS_URL);
    expect(await query('select n from kept')).to.deep.equal([{ n: 42 }]);
  });

  it('move to another port when somebody took theirs meanwhile', async () => {
    const { servers: before } = await servers('kill', 'redis');
    expect(before.redis.running).to.equal(false);
    const port = Number(new URL(first.REDIS_URL).port);
    const taker = createServer().listen(port, '127.0.0.1');
    await once(taker, 'listening');
    const moved = await servers('up', 'redis');
    taker.close();
    expect(new URL(moved.REDIS_URL).port).to.not.equal(String(port));
    expect(moved.servers.redis.running).to.equal(true);
  });

  it('are ended and started anew when they hang', async function () {
    this.timeout(60_000);
    const { servers: before } = await servers('status');
    process.kill(before.redis.pid, 'SIGSTOP');
    const after = await servers('up', 'redis');
    expect(after.servers.redis.running).to.equal(true);
    expect(after.servers.redis.pid).to.not.equal(before.redis.pid);
  });

  it('obey rabbitmqctl', async () => {
    const { stdout } = await run(process.execPath, [
      'scripts/servers.mjs',
      'ctl',
      '--dir',
      home,
      '--',
      'list_users',
      '-s',
    ]);
    expect(stdout).to.match(/^warren\s+\[administrator\]$/m);
  });

  it('leave nothing running when they are stopped', async function () {
    this.timeout(60_000);
    const { servers: before } = await servers('status');
    const stopped = await servers('down');
    for (const { running } of Object.values(stopped.servers)) expect(running).to.equal(false);
    for (const { pid } of Object.values(before)) expect(beganAt(pid)).to.equal(undefined);
    await until(() => refuses(before.rabbitmq.ports.epmd ?? 0));
  });

  /**
   * @param {string} action
   * @param {readonly string[]} names
   * @returns {Promise<Status>}
   */
  async function servers(action, ...names) {
    const { stdout } = await run(process.execPath, ['scripts/servers.mjs', action, ...names, '--dir', home, '--json']);
    return JSON.parse(stdout);
  }

  /** @param {string} text */
  async function query(text) {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: first.DATABASE_URL });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }
});

/**
 * Whether nobody listens on that port.
 * @param {number} port
 * @returns {Promise<boolean>}
 */
function refuses(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(!socket.destroy()));
    socket.once('error', () => resolve(true));
  });
}
