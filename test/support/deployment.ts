/** A whole fleet of real processes on a database and a virtual host of its own, with the sandbox to act on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DEVELOPMENT } from '../../config/environment.js';
import { createBroker } from './broker.js';
import { createDatabase, type TestDatabase } from './database.js';
import { TEST_KEYS } from './keyring.js';
import { needed } from './needed.js';
import { noteLogged, unwatchTraffic, watchTraffic } from './reference/traffic.js';
import { until } from './until.js';

/** Many processes may start at once on few cores. */
const STARTED_WITHIN_MS = 90_000;

export interface DeploymentOptions {
  /** Compiled project to run. @default this one */
  readonly dist?: string;
  /** Processes of workers, each by the names it runs. @default one process of all */
  readonly processes?: readonly (readonly string[])[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What its processes get besides, by what is there after the release step. */
  readonly released?: (environment: NodeJS.ProcessEnv) => Promise<Readonly<Record<string, string>>>;
}

export interface Deployed {
  readonly name: string;
  readonly child: ChildProcess;
  /** All it has printed. */
  readonly output: () => string;
}

export class Deployment {
  /** Of the intake. */
  url = '';
  providerUrl = '';
  sinkUrl = '';
  readonly running: Deployed[] = [];
  readonly database: TestDatabase;
  /** Its virtual host, with user and password. */
  readonly brokerUrl: string;
  readonly #dist: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #closings: (() => Promise<void>)[];

  private constructor(
    database: TestDatabase,
    dist: string,
    environment: NodeJS.ProcessEnv,
    closings: (() => Promise<void>)[],
  ) {
    this.database = database;
    this.brokerUrl = environment['RABBITMQ_URL'] ?? '';
    this.#dist = dist;
    this.#environment = environment;
    this.#closings = closings;
  }

  static async start({
    dist,
    processes = [['all']],
    environment = {},
    released,
  }: DeploymentOptions = {}): Promise<Deployment> {
    const database = await createDatabase();
    const broker = await createBroker();
    const folder = await mkdtemp(join(tmpdir(), 'warren-test-'));
    const deployment = new Deployment(
      database,
      dist ?? fileURLToPath(new URL('../../', import.meta.url)),
      {
        ...process.env,
        NODE_ENV: 'development',
        LOG_LEVEL: 'debug',
        LOG_FORMAT: 'json',
        DATABASE_URL: database.url,
        RABBITMQ_URL: broker.url,
        REDIS_URL: needed('REDIS_URL'),
        PORT: '0',
        HEALTH_PORT: '0',
        PROVIDER_PORT: '0',
        MAIL_SINK_SMTP_PORT: '0',
        MAIL_SINK_HTTP_PORT: '0',
        PROVIDER_DIR: join(folder, 'provider'),
        MAIL_SINK_DIR: join(folder, 'mail'),
        ENCRYPTION_KEYS: TEST_KEYS,
        PAYMENT_API_KEY: DEVELOPMENT.providerKey,
        CARRIER_API_KEY: DEVELOPMENT.providerKey,
        MAIL_FROM: 'Shop <orders@example.com>',
        OUTBOX_LEASE_MS: '1000',
        ...environment,
      },
      [database.close, broker.close, () => rm(folder, { recursive: true, force: true })],
    );
    try {
      await deployment.#startAll(processes, released);
    } catch (error) {
      await deployment.stop();
      throw error;
    }
    return deployment;
  }

  /** Starts a process of the compiled project, such as `workers/start.js payment`. */
  spawn(script: string, names: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Deployed {
    const child = spawn(process.execPath, [join(this.#dist, script), ...names], {
      env: { ...this.#environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    const deployed = { name: [script, ...names].join(' '), child, output: () => printed };
    this.running.push(deployed);
    return deployed;
  }

  /** Starts a process of workers, and waits until it is ready. */
  async startWorkers(names: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Deployed> {
    const worker = this.spawn('workers/start.js', names, environment);
    const { healthPort } = await this.line(worker, 'healthPort');
    await until(`${worker.name} is ready`, () => answers(`http://127.0.0.1:${healthPort}/readyz`), STARTED_WITHIN_MS);
    return worker;
  }

  /** The first JSON line a process prints that has the field. */
  line(deployed: Deployed, field: string): Promise<Record<string, unknown>> {
    return until(
      `${deployed.name} prints ${field}`,
      () => {
        if (deployed.child.exitCode !== null) throw new Error(`${deployed.name} ended: ${deployed.output()}`);
        return jsonLines(deployed.output()).find((line) => field in line);
      },
      STARTED_WITHIN_MS,
    );
  }

  /** Ends a process by the signal and waits until it is gone. */
  async end(deployed: Deployed, signal: NodeJS.Signals): Promise<void> {
    const { child } = deployed;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** All that any process has printed. */
  output(): string {
    return this.running.map((deployed) => deployed.output()).join('');
  }

  async stop(): Promise<void> {
    // One that never ran has no tables.
    const ran = this.url !== '';
    if (ran) unwatchTraffic(this.url);
    await Promise.all(this.running.map((deployed) => this.end(deployed, 'SIGTERM')));
    if (ran) await noteLogged(this.database.database);
    for (const close of this.#closings) await close();
  }

  async #startAll(
    processes: readonly (readonly string[])[],
    released: DeploymentOptions['released'] = async () => ({}),
  ): Promise<void> {
    await this.#run('scripts/release.js');
    await this.#run('scripts/sample-catalogue.js');
    Object.assign(this.#environment, await released({ ...this.#environment }));
    const provider = this.spawn('sandbox/provider/start.js');
    const sink = this.spawn('sandbox/mail-sink/start.js');
    this.providerUrl = String((await this.line(provider, 'url'))['url']);
    const { url, smtpUrl } = await this.line(sink, 'smtpUrl');
    this.sinkUrl = String(url);
    Object.assign(this.#environment, {
      PAYMENT_URL: this.providerUrl,
      CARRIER_URL: this.providerUrl,
      SMTP_URL: String(smtpUrl),
    });
    const web = this.spawn('api/start.js');
    await Promise.all(processes.map((names) => this.startWorkers(names)));
    this.url = String((await this.line(web, 'url'))['url']);
    watchTraffic(this.url);
    await until('the intake is ready', () => answers(`${this.url}/readyz`), STARTED_WITHIN_MS);
  }

  async #run(script: string): Promise<void> {
    const deployed = this.spawn(script);
    await once(deployed.child, 'exit');
    if (deployed.child.exitCode !== 0) throw new Error(`${script} failed: ${deployed.output()}`);
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

function jsonLines(text: string): Record<string, unknown>[] {
  return text.split('\n').flatMap((line) => {
    try {
      return line.startsWith('{') ? [JSON.parse(line) as Record<string, unknown>] : [];
    } catch {
      return [];
    }
  });
}
