import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { identify } from '../../scripts/provision/process-identity.mjs';
import { temporaryFolder } from './temporary-folder.mjs';

describe('npm start', () => {
  const folder = temporaryFolder();

  beforeEach(() => {
    for (const path of ['scripts', 'config/rabbitmq', 'Procfile', 'package.json', 'package-lock.json']) {
      cpSync(path, join(folder.path(), path), { recursive: true });
    }
  });

  /** @param {readonly string[]} args */
  function start(...args) {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME };
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/start.mjs', ...args], {
      cwd: folder.path(),
      env,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  }

  const everything = () => readdirSync(folder.path(), { recursive: true, encoding: 'utf8' }).sort();

  it('--plan says what would be done, with the order of the steps, and does nothing', () => {
    const before = everything();
    const { status, stdout, stderr } = start('--plan', '--scale', 'inventory=2,email=0');
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
    expect(stdout).to.match(
      /npm ci: node_modules is not there\n.*Compile[\s\S]*PostgreSQL: [\s\S]*RabbitMQ: [\s\S]*Redis: [\s\S]*node dist\/scripts\/release\.js/,
    );
    expect(stdout).to.contain('Start web, orders, inventory ×2, payment, shipping, webhooks, relay, dead-letters');
    expect(everything()).to.deep.equal(before);
  });

  it('refuses what it does not understand before it does anything', () => {
    const before = everything();
    expect(start('--scael', 'inventory=2').stderr).to.contain('did you mean --scale?');
    const { status, stderr } = start('--scale', 'fleet=2');
    expect(status).to.equal(1);
    expect(stderr).to.contain('There is no process fleet');
    expect(everything()).to.deep.equal(before);
  });

  it('refuses a port that is taken, and says what to do', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = address && typeof address === 'object' ? address.port : 0;
    const { status, stderr } = start('--port', String(port));
    holder.close();
    expect(status).to.equal(1);
    expect(stderr).to.contain(`Port ${port} is taken`).and.contain('npm start -- --port');
  });

  it('refuses to run twice in one folder, naming the process that is there', () => {
    mkdirSync(join(folder.path(), '.local/dev'), { recursive: true });
    writeFileSync(join(folder.path(), '.local/dev/start.lock'), JSON.stringify(identify(process.pid)));
    const { status, stderr } = start();
    expect(status).to.equal(1);
    expect(stderr).to.contain(`already running in this folder, as process ${process.pid}`);
  });

  it('ends with what failed, why and the remedy, when a given server does not answer', () => {
    const env = { PATH: process.env.PATH, HOME: process.env.HOME, REDIS_URL: 'redis://:hidden@127.0.0.1:1' };
    const { status, stderr, stdout } = spawnSync(process.execPath, ['scripts/start.mjs'], {
      cwd: folder.path(),
      env: { ...env, DATABASE_URL: 'postgres://u:hidden@127.0.0.1:1/d', RABBITMQ_URL: 'amqp://u:hidden@127.0.0.1:1' },
      encoding: 'utf8',
    });
    expect(status).to.equal(1);
    expect(stderr).to.match(/does not answer where \w+_URL says it is\n.*ECONNREFUSED.*\n.*unset it/);
    expect(stderr + stdout).to.not.contain('hidden');
  });
});
