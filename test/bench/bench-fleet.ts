/** Processes of the program, started for a bench as in production, and stopped with it. */
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyText } from '../../config/encryption-keys.js';
import { Keyring } from '../../shared/secrets/keyring.js';
import { freePorts } from '../support/free-ports.js';
import { procfileArguments } from '../support/procfile.js';
import { BenchProcess } from './bench-process.js';
import type { ServerUrls } from './bench-servers.js';
import { runNode } from './command.js';

/** Stands in for other people's servers: it may have memory, so as to take little time from what is measured. */
const APPARATUS = ['--max-semi-space-size=32', '--single-threaded-gc'];

/** What stands behind `node` to start a process by its name. */
export type ArgumentsOf = (process: string) => string[];

export interface FleetSetting {
  readonly urls: ServerUrls;
  /** For logs, and what the sandbox writes; emptied first. */
  readonly folder: string;
  /** On top of the bench's. */
  readonly environment: NodeJS.ProcessEnv;
  /** Where the workers leave CPU profiles, if anywhere. */
  readonly profileFolder: string | undefined;
  readonly signal: AbortSignal;
  /** @default what the Procfile says */
  readonly argumentsOf?: ArgumentsOf;
}

export class BenchFleet {
  /** Opens what the fleet has sealed. */
  readonly keyring: Keyring;
  readonly #setting: FleetSetting;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #argumentsOf: ArgumentsOf;
  readonly #ports: { readonly web: number; readonly provider: number; readonly smtp: number; readonly sink: number };
  readonly #running = new Map<string, { readonly part: string; readonly process: BenchProcess }>();

  private constructor(setting: FleetSetting, [web = 0, provider = 0, smtp = 0, sink = 0]: readonly number[]) {
    this.#setting = setting;
    this.#argumentsOf = setting.argumentsOf ?? procfileArguments;
    this.#ports = { web, provider, smtp, sink };
    const key = randomBytes(16).toString('hex');
    const sealing = { id: 'bench', secret: randomBytes(32) };
    this.keyring = new Keyring([sealing]);
    this.#environment = {
      PATH: process.env['PATH'],
      ...tuning(process.env),
      ...setting.urls,
      NODE_ENV: 'production',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'info',
      HOST: '127.0.0.1',
      RELEASE: 'bench',
      PORT: String(web),
      PAYMENT_URL: this.providerUrl,
      PAYMENT_API_KEY: key,
      ENCRYPTION_KEYS: keyText(sealing),
      CARRIER_URL: this.providerUrl,
      CARRIER_API_KEY: key,
      SMTP_URL: `smtp://127.0.0.1:${smtp}`,
      MAIL_FROM: 'Warren <orders@example.com>',
      ...setting.environment,
    };
  }

  static async prepare(setting: FleetSetting): Promise<BenchFleet> {
    await rm(setting.folder, { recursive: true, force: true });
    await mkdir(setting.folder, { recursive: true });
    return new BenchFleet(setting, await freePorts(4));
  }

  get webUrl(): string {
    return `http://127.0.0.1:${this.#ports.web}`;
  }

  get providerUrl(): string {
    return `http://127.0.0.1:${this.#ports.provider}`;
  }

  get mailSinkUrl(): string {
    return `http://127.0.0.1:${this.#ports.sink}`;
  }

  /** Process ids by name. */
  get pids(): ReadonlyMap<string, number> {
    return new Map([...this.#running].map(([name, { process }]) => [name, process.pid]));
  }

  /** The processes that run the part: named like it, and from the second on numbered as well. */
  processesOf(part: string): readonly string[] {
    return [...this.#running].filter(([, running]) => running.part === part).map(([name]) => name);
  }

  /** Migrations and topology. */
  async release(): Promise<void> {
    await runNode(this.#argumentsOf('release'), this.#environment);
  }

  /** Makes a storefront and returns its key. */
  async addStorefront(name: string): Promise<string> {
    const printed = await runNode(['dist/scripts/storefront.js', 'add', name], this.#environment);
    const key = /^key\s+(\S+)$/m.exec(printed)?.[1];
    if (key === undefined) throw new Error(`no key was printed for the storefront ${name}`);
    return key;
  }

  async startWeb(): Promise<void> {
    const profile = profileFlags(this.#setting.profileFolder, 'web');
    await this.#start('web', [...profile, ...this.#argumentsOf('web')], this.webUrl);
  }

  async startSandbox(): Promise<void> {
    const { provider, smtp, sink } = this.#ports;
    const { folder } = this.#setting;
    const files = {
      NODE_ENV: 'test',
      PROVIDER_DIR: join(folder, 'provider'),
      MAIL_SINK_DIR: join(folder, 'mail-sink'),
    };
    await Promise.all([
      this.#start('provider', [...APPARATUS, 'dist/sandbox/provider/start.js'], this.providerUrl, {
        ...files,
        PROVIDER_PORT: String(provider),
      }),
      this.#start('mail-sink', [...APPARATUS, 'dist/sandbox/mail-sink/start.js'], this.mailSinkUrl, {
        ...files,
        MAIL_SINK_SMTP_PORT: String(smtp),
        MAIL_SINK_HTTP_PORT: String(sink),
      }),
    ]);
  }

  /**
   * Resolves when all are subscribed, to when the first of them was, on the clock of `performance.now()`.
   * @param processes of each worker
   * @param onFirst called at that moment
   */
  async startWorkers(
    workers: readonly string[],
    processes = 1,
    onFirst: () => void = () => undefined,
  ): Promise<number> {
    const readyAt: number[] = [];
    // In turn: more at once would only wait for one another's compilers.
    for (let number = 1; number <= processes; number++) {
      const ports = await freePorts(workers.length);
      const ready = workers.map((part, at) => {
        const name = number === 1 ? part : `${part}-${number}`;
        const port = ports[at] ?? 0;
        const profile = profileFlags(this.#setting.profileFolder, name);
        const url = `http://127.0.0.1:${port}`;
        return this.#start(name, [...profile, ...this.#argumentsOf(part)], url, { HEALTH_PORT: String(port) }, part);
      });
      if (number === 1) await Promise.race(ready).then(onFirst);
      readyAt.push(...(await Promise.all(ready)));
    }
    return Math.min(...readyAt);
  }

  /** Halts processes where they stand, as if the machine had no time for them, until they are let go. */
  hold(workers: readonly string[]): void {
    this.#signal(workers, 'SIGSTOP');
  }

  /**
   * Returns when that was, on the clock of `performance.now()`.
   * @param onStart called just before
   */
  letGo(workers: readonly string[], onStart: () => void): number {
    onStart();
    const at = performance.now();
    this.#signal(workers, 'SIGCONT');
    return at;
  }

  /** What a process counts: the values of its metrics by name with labels, as Prometheus would read them. */
  async metricsOf(name: string): Promise<ReadonlyMap<string, number>> {
    const text = await (await fetch(`${this.#running.get(name)?.process.url}/metrics`)).text();
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }

  /** Ends all of them in good order, the sandbox last; who does not end is killed. */
  async stop(): Promise<void> {
    const sandbox = ['provider', 'mail-sink'];
    const names = [...this.#running.keys()];
    await this.#stop(names.filter((name) => !sandbox.includes(name)));
    await this.#stop(names.filter((name) => sandbox.includes(name)));
  }

  /** Resolves when it is ready, to when that was. */
  #start(
    name: string,
    args: readonly string[],
    url: string,
    variables: Readonly<Record<string, string>> = {},
    part = name,
  ): Promise<number> {
    const { folder, signal } = this.#setting;
    const environment = { ...this.#environment, ...variables };
    const started = new BenchProcess({ name, args, environment, logPath: join(folder, `${name}.log`), url });
    this.#running.set(name, { part, process: started });
    // Whoever started the bench ends these should it be killed.
    process.send?.({ running: [...this.pids.values()] });
    return started.untilReady(signal);
  }

  #signal(workers: readonly string[], signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const { part, process } of this.#running.values()) if (workers.includes(part)) process.signal(signal);
  }

  async #stop(names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.#running.get(name)?.process.stop()));
    for (const name of names) this.#running.delete(name);
  }
}

/** What may be set to try something out: it changes what is measured, so it is part of the result. */
export const tuning = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(environment).filter(([name]) =>
      /^(NODE_OPTIONS|DATABASE_CONNECTIONS|\w+_(PREFETCH|CONCURRENCY|LIMIT))$/.test(name),
    ),
  );

function profileFlags(folder: string | undefined, name: string): string[] {
  return folder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`];
}
