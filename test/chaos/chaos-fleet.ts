/** The processes of the fleet, several a worker, each under a supervisor, with the sandbox and a router before web. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runNode } from '../bench/command.js';
import { freePorts } from '../support/free-ports.js';
import { TEST_KEYS } from '../support/keyring.js';
import { procfileArguments, procfileNames } from '../support/procfile.js';
import { ChaosProcess } from './chaos-process.js';
import { Router } from './router.js';

/** Processes of the Procfile that are no part of a running fleet: the one runs before, the other instead. */
const NOT_STARTED = new Set(['release', 'fleet']);
const WEB = 'web';

export interface FleetSetting {
  /** As the fleet reaches them. */
  readonly urls: { readonly DATABASE_URL: string; readonly RABBITMQ_URL: string; readonly REDIS_URL: string };
  /** For logs, and what the sandbox writes. */
  readonly folder: string;
  /** Of each worker, and of web. */
  readonly processes: number;
  readonly complain: (what: string) => void;
}

export class ChaosFleet {
  readonly #setting: FleetSetting;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #sandbox: ChaosProcess[] = [];
  /** Of web and the workers. */
  readonly processes: ChaosProcess[] = [];
  readonly providerUrl: string;
  readonly mailSinkUrl: string;
  /** What must not stand anywhere. */
  readonly secrets: [string, ...string[]];
  storefrontKey = '';
  #router: Router | undefined;

  private constructor(setting: FleetSetting, [provider = 0, smtp = 0, sink = 0]: readonly number[]) {
    this.#setting = setting;
    this.providerUrl = `http://127.0.0.1:${provider}`;
    this.mailSinkUrl = `http://127.0.0.1:${sink}`;
    const key = randomBytes(16).toString('hex');
    this.secrets = [key];
    this.#environment = {
      PATH: process.env['PATH'],
      ...setting.urls,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      RELEASE: 'chaos',
      PAYMENT_URL: this.providerUrl,
      PAYMENT_API_KEY: key,
      ENCRYPTION_KEYS: TEST_KEYS,
      CARRIER_URL: this.providerUrl,
      CARRIER_API_KEY: key,
      SMTP_URL: `smtp://127.0.0.1:${smtp}`,
      MAIL_FROM: 'Warren <orders@example.com>',
    };
    const sandbox = {
      NODE_ENV: 'test',
      PROVIDER_PORT: String(provider),
      PROVIDER_DIR: join(setting.folder, 'provider'),
    };
    this.#sandbox.push(
      this.#process('provider', ['dist/sandbox/provider/start.js'], this.providerUrl, sandbox),
      this.#process('mail-sink', ['dist/sandbox/mail-sink/start.js'], this.mailSinkUrl, {
        NODE_ENV: 'test',
        MAIL_SINK_SMTP_PORT: String(smtp),
        MAIL_SINK_HTTP_PORT: String(sink),
        MAIL_SINK_DIR: join(setting.folder, 'mail-sink'),
      }),
    );
  }

  /** Runs the release step, makes a storefront, and starts everything; resolves when all are ready. */
  static async start(setting: FleetSetting): Promise<ChaosFleet> {
    await mkdir(setting.folder, { recursive: true });
    const fleet = new ChaosFleet(setting, await freePorts(3));
    try {
      await fleet.release();
      await fleet.#addStorefront();
      await fleet.#startProcesses();
    } catch (error) {
      await fleet.stop();
      throw error;
    }
    return fleet;
  }

  /** Of the intake, whichever of its processes answers. */
  get url(): string {
    if (this.#router === undefined) throw new TypeError('the fleet is not started');
    return this.#router.url;
  }

  /** Names of the parts of the fleet, such as `payment`. */
  readonly parts = procfileNames().filter((name) => !NOT_STARTED.has(name));

  /** The processes of one part. */
  of(part: string): ChaosProcess[] {
    return this.processes.filter(({ name }) => name.startsWith(`${part}.`));
  }

  get logs(): string[] {
    return this.processes.map(({ name }) => this.#logPath(name));
  }

  /** Migrations and topology. */
  async release(): Promise<void> {
    await runNode(procfileArguments('release'), this.#environment);
  }

  /** Resolves when every process says that it is ready. */
  async ready(): Promise<void> {
    await Promise.all([...this.#sandbox, ...this.processes].map((one) => one.ready()));
  }

  /** Ends all in good order, the sandbox last: what is under way still needs it. */
  async stop(): Promise<void> {
    await this.#router?.close();
    await Promise.all(this.processes.map((one) => one.stop()));
    await Promise.all(this.#sandbox.map((one) => one.stop()));
  }

  async #addStorefront(): Promise<void> {
    const printed = await runNode(['dist/scripts/storefront.js', 'add', 'chaos'], this.#environment);
    const key = /^key\s+(\S+)$/m.exec(printed)?.[1];
    if (key === undefined) throw new Error('no key was printed for the storefront');
    this.storefrontKey = key;
    this.secrets.push(key);
  }

  async #startProcesses(): Promise<void> {
    const { processes } = this.#setting;
    const ports = await freePorts(this.parts.length * processes);
    // One part after the other: all at once would keep each other from starting.
    for (const part of this.parts) {
      const instances = Array.from({ length: processes }, (_, at) => {
        const port = String(ports.pop());
        const variables = part === WEB ? { PORT: port } : { HEALTH_PORT: port };
        return this.#process(`${part}.${at + 1}`, procfileArguments(part), `http://127.0.0.1:${port}`, variables);
      });
      this.processes.push(...instances);
      await Promise.all(instances.map((one) => one.ready()));
    }
    this.#router = await Router.start(this.of(WEB));
  }

  #process(name: string, args: readonly string[], url: string, variables: NodeJS.ProcessEnv): ChaosProcess {
    return new ChaosProcess({
      name,
      args,
      url,
      environment: { ...this.#environment, ...variables },
      logPath: this.#logPath(name),
      complain: this.#setting.complain,
      // Whoever started the run ends these should it be killed.
      onStart: () => process.send?.({ running: this.#pids() }),
    });
  }

  #pids(): number[] {
    return [...this.#sandbox, ...this.processes].flatMap(({ pid }) => pid ?? []);
  }

  #logPath(name: string): string {
    return join(this.#setting.folder, `${name}.log`);
  }
}
