import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createBroker, type TestBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { freePorts } from '../support/free-ports.js';
import { lastStage, layOutImage, UNPRIVILEGED } from '../support/image.js';
import { TEST_KEYS } from '../support/keyring.js';
import { needed } from '../support/needed.js';
import { orderBody } from '../support/order-body.js';
import { until } from '../support/until.js';

const run = promisify(execFile);

describe('the container image', () => {
  let folder: string;
  let store: TestDatabase;
  let broker: TestBroker;
  let environment: NodeJS.ProcessEnv;
  const running: ChildProcess[] = [];

  before(async function () {
    this.timeout(60_000);
    [store, broker] = await Promise.all([createDatabase(), createBroker()]);
    folder = await mkdtemp(join(tmpdir(), 'warren-image-'));
    await chmod(folder, 0o755);
    await layOutImage(folder);
    const away = { url: 'https://provider.invalid', key: 'not-used' };
    environment = {
      PATH: process.env['PATH'],
      ...Object.fromEntries([...(await variablesOfImage())]),
      HOST: '127.0.0.1',
      DATABASE_URL: store.url,
      RABBITMQ_URL: broker.url,
      REDIS_URL: needed('REDIS_URL'),
      ENCRYPTION_KEYS: TEST_KEYS,
      PAYMENT_URL: away.url,
      PAYMENT_API_KEY: away.key,
      CARRIER_URL: away.url,
      CARRIER_API_KEY: away.key,
      SMTP_URL: 'smtps://mail.invalid',
      MAIL_FROM: 'Shop <orders@example.com>',
    };
  });
  after(async () => {
    for (const child of running) {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    await Promise.all([store.close(), broker.close(), rm(folder, { recursive: true, force: true })]);
  });

  const start = async (args: readonly string[], own: NodeJS.ProcessEnv, url: string): Promise<void> => {
    const child = spawn(process.execPath, [...args], {
      cwd: folder,
      env: { ...environment, ...own },
      stdio: ['ignore', 'ignore', 'inherit'],
      ...UNPRIVILEGED,
    });
    running.push(child);
    const isReady = (): Promise<boolean> =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
    await until(`${args.join(' ')} is ready`, isReady, 30_000);
  };

  it('holds all that its processes need, for a user who may write nowhere, and nothing that only developers do', async function () {
    this.timeout(60_000);
    const [webPort, healthPort] = await freePorts(2);
    const command = { cwd: folder, env: environment, ...UNPRIVILEGED };
    await run(process.execPath, ['dist/scripts/release.js'], command);
    const { stdout } = await run(process.execPath, ['dist/scripts/storefront.js', 'add', 'image'], command);
    const key = /^key\s+(\S+)$/m.exec(stdout)?.[1];
    const url = `http://127.0.0.1:${webPort}`;
    await Promise.all([
      start(['dist/api/start.js'], { PORT: String(webPort) }, url),
      start(['dist/workers/start.js', 'all'], { HEALTH_PORT: String(healthPort) }, `http://127.0.0.1:${healthPort}`),
    ]);
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'idempotency-key': 'one' };
    const post = await fetch(`${url}/orders`, { method: 'POST', headers, body: JSON.stringify(orderBody) });
    // The catalogue is empty: it was asked.
    expect(post.status, await post.text()).to.equal(422);
    for (const path of ['/console', '/console/console.css', '/console/packages/preact.js'])
      expect((await fetch(`${url}${path}`)).status, path).to.equal(200);
    for (const path of ['node_modules/mocha', 'node_modules/typescript', 'dist/test', 'dist/sandbox'])
      expect(
        await access(join(folder, path)).then(
          () => true,
          () => false,
        ),
        path,
      ).to.equal(false);
  });

  it('does not run as root', async () => {
    const stage = await lastStage();
    const user = stage.findLastIndex(([instruction]) => instruction === 'USER');
    expect(stage[user]?.[1]).to.equal('node');
    expect(stage.findLastIndex(([instruction]) => instruction === 'COPY')).to.be.lessThan(user);
  });
});

async function variablesOfImage(): Promise<Map<string, string>> {
  const [, given = ''] = (await lastStage()).find(([instruction]) => instruction === 'ENV') ?? [];
  return new Map([...given.matchAll(/(\w+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]));
}
