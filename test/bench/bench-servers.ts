/** Servers of the bench's own, with its data wiped before every run. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type BrokerState, brokerState, queueDepths } from '../../audit/sources/broker-state.js';
import Type, { Compile } from '../../shared/messaging/typebox.js';
import { Database } from '../../shared/postgres/database.js';
import { Management, virtualHostOf } from '../../shared/rabbitmq/management.js';
import { dropDatabase } from '../support/drop-database.js';
import { runNode } from './command.js';

const DEPTHS_WITHIN_MS = 20_000;
const DEPTHS_EVERY_MS = 500;
const DATABASE = 'bench';

const Running = Type.Object({ version: Type.String(), pid: Type.Number() });
const Status = Compile(
  Type.Object({
    DATABASE_URL: Type.String(),
    RABBITMQ_URL: Type.String(),
    RABBITMQ_MANAGEMENT_URL: Type.String(),
    REDIS_URL: Type.String(),
    servers: Type.Object({ postgres: Running, rabbitmq: Running, redis: Running }),
  }),
);
type ServerName = 'postgres' | 'rabbitmq' | 'redis';

export interface ServerUrls {
  readonly DATABASE_URL: string;
  readonly RABBITMQ_URL: string;
  readonly REDIS_URL: string;
}

export class BenchServers {
  readonly #home: string;
  #status: ReturnType<typeof Status.Parse> | undefined;

  /** @param home the folder of the servers and their data */
  constructor(home: string) {
    this.#home = home;
  }

  /** Starts them, or takes over those that an earlier bench left running, and wipes what they hold. */
  async startEmpty(): Promise<void> {
    // A queue that is made anew under its old name meets what its predecessor left behind, so RabbitMQ begins anew itself.
    const wiped = ['rabbitmq', 'redis'];
    await this.#servers('down', ...wiped);
    for (const server of wiped) await rm(join(this.#home, server), { recursive: true, force: true });
    const status = Status.Parse(JSON.parse(lastLine(await this.#servers('up', '--json'))));
    this.#status = status;
    const postgres = new Database({ url: status.DATABASE_URL, connections: 1, applicationName: 'warren bench' });
    try {
      await dropDatabase(postgres, DATABASE);
      await postgres.query({ text: `create database ${DATABASE}` });
    } finally {
      await postgres.close();
    }
  }

  stop(): Promise<unknown> {
    return this.#servers('down');
  }

  /** For the environment of the program. */
  get urls(): ServerUrls {
    const { DATABASE_URL, RABBITMQ_URL, REDIS_URL } = this.#running;
    const database = new URL(DATABASE_URL);
    database.pathname = `/${DATABASE}`;
    return { DATABASE_URL: database.href, RABBITMQ_URL, REDIS_URL };
  }

  /** Of RabbitMQ's management API, with user and password. */
  get managementUrl(): string {
    return this.#running.RABBITMQ_MANAGEMENT_URL;
  }

  version(server: ServerName): string {
    return this.#running.servers[server].version;
  }

  pid(server: ServerName): number {
    return this.#running.servers[server].pid;
  }

  /**
   * Messages in every queue, ready and unacked, once they are as they should be, or as they are after 20 s: RabbitMQ counts
   * those of a quorum queue every five seconds.
   */
  async queueDepths(
    asTheyShouldBe: (depths: ReadonlyMap<string, number>) => boolean,
  ): Promise<ReadonlyMap<string, number>> {
    const broker = new Management(this.managementUrl);
    const host = encodeURIComponent(virtualHostOf(this.#running.RABBITMQ_URL));
    const deadline = performance.now() + DEPTHS_WITHIN_MS;
    for (;;) {
      const depths = await queueDepths(broker, host);
      if (asTheyShouldBe(depths) || performance.now() > deadline) return depths;
      await pause(DEPTHS_EVERY_MS);
    }
  }

  /** As `queueDepths` waits for, with who is connected. */
  async brokerAtRest(): Promise<BrokerState> {
    await this.queueDepths((found) => [...found.values()].every((depth) => depth === 0));
    return brokerState(this.managementUrl, this.#running.RABBITMQ_URL);
  }

  get #running() {
    if (this.#status === undefined) throw new TypeError('the servers are not started');
    return this.#status;
  }

  #servers(action: string, ...words: readonly string[]): Promise<string> {
    return runNode(['scripts/servers.mjs', action, '--dir', this.#home, ...words]);
  }
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
