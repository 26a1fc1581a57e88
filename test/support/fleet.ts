/** A fleet of given actors in the test's own process, on real servers. */
import 'reflect-metadata';
import { ActorRunner, type RunnerLimits } from '../../shared/actors/actor-runner.js';
import { Isolation } from '../../shared/actors/isolation.js';
import { OutboxDispatcher } from '../../shared/actors/outbox-dispatcher.js';
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import { QueueSettingsWatch } from '../../shared/actors/queue-settings-watch.js';
import type { Contract, Payload } from '../../shared/messaging/contract.js';
import { type Message, newMessage } from '../../shared/messaging/message.js';
import { encode, type Packet, type Received } from '../../shared/messaging/wire.js';
import { createLogger } from '../../shared/observability/log.js';
import { Database } from '../../shared/postgres/database.js';
import { storeMessages } from '../../shared/postgres/outbox.js';
import type { Provider } from '../../shared/providers/provider.js';
import { BrokerConnection } from '../../shared/rabbitmq/connection.js';
import { declareTopology } from '../../shared/rabbitmq/declare.js';
import { Publisher } from '../../shared/rabbitmq/publisher.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { Cache } from '../../shared/redis/cache.js';
import { declaredActor } from './declared-actor.js';
import { testKeyring } from './keyring.js';
import { until } from './until.js';

export interface FleetUrls {
  readonly database: string;
  readonly broker: string;
  readonly redis: string;
}

/** One process' worth of shared parts; several of them are several processes to the servers. */
export class TestFleet {
  readonly parts: ProcessParts & { readonly consuming: BrokerConnection; readonly cache: Cache };
  readonly #publishing: BrokerConnection;
  readonly #urls: FleetUrls;
  readonly #runners: ActorRunner[] = [];
  readonly #taken = new Set<string>();
  #settings: QueueSettingsWatch | undefined;

  constructor(urls: FleetUrls, release = 'test') {
    const log = createLogger(
      { logLevel: (process.env['TEST_LOG'] as 'debug' | undefined) ?? 'silent', logFormat: 'json' },
      'test',
    );
    const database = new Database({ url: urls.database, connections: 2, applicationName: 'warren test' });
    const consuming = new BrokerConnection([urls.broker], 'test consuming', log);
    this.#publishing = new BrokerConnection([urls.broker], 'test publishing', log);
    const publisher = new Publisher(this.#publishing, log);
    this.#urls = urls;
    this.parts = {
      consuming,
      publisher,
      dispatcher: new OutboxDispatcher(publisher, database, log),
      database,
      cache: new Cache({ url: urls.redis }, log),
      isolation: new Isolation(),
      keyring: testKeyring,
      outboxLeaseMs: 1000,
      release,
      log,
    };
  }

  /** Declares the topology of the actors and runs them; resolves when they are subscribed. */
  async run(
    actors: readonly object[],
    limits: Partial<RunnerLimits> = {},
    providers: readonly Provider[] = [],
  ): Promise<void> {
    const declared = actors.map(declaredActor);
    await declareTopology([this.#urls.broker], topologyOf(declared.map(({ definition }) => definition)));
    const byName = new Map<string, ActorRunner>();
    for (const { definition, instance } of declared) {
      const { prefetch, concurrency } = definition;
      const own = { prefetch, concurrency, ...limits };
      const runner = new ActorRunner(definition, instance, own, this.parts, providers);
      this.#runners.push(runner);
      byName.set(definition.name, runner);
    }
    for (const runner of this.#runners) runner.start();
    // Held, they wait for what operators have set, as in a process of the fleet.
    if (limits.held === true) this.#settings = new QueueSettingsWatch(byName, { ...this.parts, everyMs: 20 });
    this.parts.consuming.open();
    await this.connect();
    if (this.#settings === undefined) await until('the actors are subscribed', () => this.subscribed);
  }

  /** True, or what keeps the actors from what operators have set. */
  get settled(): true | string {
    return this.#settings?.readiness() ?? true;
  }

  /** True while the broker sends to all actors. */
  get subscribed(): boolean {
    return this.#runners.every(({ subscribed }) => subscribed);
  }

  /** Only what publishing needs. */
  async connect(): Promise<void> {
    this.#publishing.open();
    await until('there is a channel to publish on', () => this.parts.publisher.ready);
  }

  /** Stores a message as a caller from outside would, and dispatches it. */
  async publish<C extends Contract>(contract: C, payload: Payload<C>, correlationId: string): Promise<Message> {
    const message = newMessage(contract, payload, {
      correlationId,
      causationId: null,
      producer: 'test',
      occurredAt: new Date(),
    });
    await this.parts.database.transaction((transaction) =>
      storeMessages(transaction, [message], this.parts.outboxLeaseMs),
    );
    this.parts.dispatcher.dispatch([message]);
    return message;
  }

  /** Sends packets straight to the broker, past outbox and event log: duplicates, poison. */
  async send(...packets: (Packet | Message)[]): Promise<void> {
    const outcomes = await this.parts.publisher.publish(packets.map((one) => ('body' in one ? encode(one) : one)));
    if (outcomes.some((outcome) => outcome !== 'confirmed'))
      throw new Error(`the broker did not take it: ${outcomes.join(', ')}`);
  }

  /** The next dead letter that the runtime has filed; each is given out once. */
  async takeDeadLetter(): Promise<Pick<Received, 'messageId' | 'headers'> | undefined> {
    const { rows } = await this.parts.database.query<{ id: string; messageId: string; headers: Received['headers'] }>({
      text: `select id, message_id as "messageId", headers from dead_letters where status = 'open' order by id`,
    });
    const letter = rows.find(({ id }) => !this.#taken.has(id));
    if (letter !== undefined) this.#taken.add(letter.id);
    return letter;
  }

  async stop(): Promise<void> {
    await this.#settings?.stop();
    await Promise.all(this.#runners.map((runner) => runner.stop(5000)));
    await this.parts.dispatcher.flush();
    await this.parts.publisher.close();
    await Promise.all([this.parts.consuming.close(), this.#publishing.close()]);
    await this.parts.database.close();
    await this.parts.cache.close();
  }
}
