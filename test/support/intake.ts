/** The intake in the test's own process, on real servers and over real HTTP. */
import 'reflect-metadata';
import type { Limits } from '../../api/intake/room.js';
import { fleetActors, fleetTopology } from '../../api/operators/fleet.js';
import { buildServer, type Parts } from '../../api/server.js';
import { createStorefront } from '../../api/storefronts/storefront.js';
import type { App } from '../../api/type-provider.js';
import { OutboxDispatcher } from '../../shared/actors/outbox-dispatcher.js';
import type { AddressRules } from '../../shared/http/outside-address.js';
import { createLogger } from '../../shared/observability/log.js';
import { Database } from '../../shared/postgres/database.js';
import { BrokerConnection } from '../../shared/rabbitmq/connection.js';
import { Publisher } from '../../shared/rabbitmq/publisher.js';
import { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { testKeyring } from './keyring.js';
import { unwatchTraffic, watchTraffic } from './reference/traffic.js';
import { until } from './until.js';

/** A port that nobody listens on. */
const NO_BROKER = 'amqp://127.0.0.1:1';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export interface IntakeOptions {
  readonly databaseUrl: string;
  /** Without one, the broker is away. */
  readonly brokerUrl?: string;
  /** In the place of a plain one. */
  readonly database?: Database;
  /** Requests that may wait for their order at once. */
  readonly awaitedAtMost?: number;
  /** In the place of the defaults. */
  readonly limits?: Partial<Limits>;
  /** As `buildServer` has it. */
  readonly parts?: Pick<
    Parts,
    'arrivesWithinMs' | 'connectionsAtMost' | 'loopDelay' | 'streamsAtMost' | 'quotaLedger' | 'rates' | 'trustedProxies'
  >;
  /** @default 60_000 */
  readonly outboxLeaseMs?: number;
  /** @default public addresses only */
  readonly webhookTargets?: AddressRules;
}

export class TestIntake {
  /** Ends with no slash. */
  readonly url: string;
  readonly dispatcher: OutboxDispatcher;
  readonly #app: App;
  readonly #database: Database;
  readonly #publishing: BrokerConnection;
  /** Of the storefront that `call` speaks for. */
  readonly #key: string;

  private constructor(parts: {
    url: string;
    key: string;
    app: App;
    database: Database;
    publishing: BrokerConnection;
    dispatcher: OutboxDispatcher;
  }) {
    this.url = parts.url;
    this.#key = parts.key;
    this.#app = parts.app;
    this.#database = parts.database;
    this.#publishing = parts.publishing;
    this.dispatcher = parts.dispatcher;
  }

  /** Starts one on a free port. @param key of a storefront that is there; without it one is made */
  static async start({ databaseUrl, brokerUrl, ...given }: IntakeOptions, key?: string): Promise<TestIntake> {
    const log = createLogger(
      { logLevel: (process.env['TEST_LOG'] as 'debug' | undefined) ?? 'silent', logFormat: 'json' },
      'web',
    );
    const database =
      given.database ?? new Database({ url: databaseUrl, connections: 2, applicationName: 'warren test web' });
    const publishing = new BrokerConnection([brokerUrl ?? NO_BROKER], 'test web publishing', log);
    const publisher = new Publisher(publishing, log);
    const dispatcher = new OutboxDispatcher(publisher, database, log);
    if (brokerUrl !== undefined) {
      publishing.open();
      await until('there is a channel to publish on', () => publisher.ready);
    }
    const app = buildServer({
      // That of this process is the tests', which stand still where modules are loaded and compiled.
      loopDelay: { ms: 0, close: () => undefined },
      ...given.parts,
      ...(given.awaitedAtMost === undefined ? {} : { awaitedAtMost: given.awaitedAtMost }),
      database,
      dispatcher,
      keyring: testKeyring,
      outboxLeaseMs: given.outboxLeaseMs ?? 60_000,
      paymentDeadlineMs: 1_800_000,
      limits: { requests: 1000, outbox: 500_000, ...given.limits },
      log,
      ...(given.webhookTargets && { webhookTargets: given.webhookTargets }),
      fleet: {
        actors: fleetActors,
        queues: new QueueCounts(publishing),
        topology: { declared: fleetTopology, urls: [brokerUrl ?? NO_BROKER], managementUrl: undefined },
        traces: { viewerUrl: undefined, ratio: 0 },
      },
      health: {
        needed: { checks: { postgres: () => database.query({ text: 'select 1' }).then(() => true as const) } },
        wanted: { checks: { rabbitmq: () => publisher.readiness() } },
      },
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    watchTraffic(url);
    const own = key ?? (await createStorefront(database, 'Test')).key;
    return new TestIntake({ url, key: own, app, database, publishing, dispatcher });
  }

  get key(): string {
    return this.#key;
  }

  /** How many it has open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#app.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
    });
  }

  /** Sends a request with the storefront's key; `body` as it is when it is text or bytes, else as JSON. */
  async call(
    method: string,
    path: string,
    { headers = {}, body }: { readonly headers?: Record<string, string>; readonly body?: unknown } = {},
  ): Promise<Answer> {
    const response = await this.stream(method, path, {
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: sent(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
  }

  /** As `call`, with the answer's body yet to be read. */
  stream(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...init,
      method,
      headers: { authorization: `Bearer ${this.#key}`, ...init.headers },
    });
  }

  /** Finishes what is begun, and closes what it opened. */
  async close(): Promise<void> {
    await this.#app.close();
    unwatchTraffic(this.url);
    await this.dispatcher.flush();
    await this.#publishing.close();
    await this.#database.close();
  }
}

const sent = (body: unknown): string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
