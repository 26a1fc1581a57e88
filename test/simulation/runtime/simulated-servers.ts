/** The three servers, and what the runtime gets of them in one process. */
import { Isolation } from '../../../shared/actors/isolation.js';
import { OutboxDispatcher } from '../../../shared/actors/outbox-dispatcher.js';
import type { ProcessParts } from '../../../shared/actors/process-parts.js';
import type { Logger } from '../../../shared/observability/log.js';
import { Publisher } from '../../../shared/rabbitmq/publisher.js';
import type { Topology } from '../../../shared/rabbitmq/topology.js';
import { testKeyring } from '../../support/keyring.js';
import { NATURE } from './scheduler.js';
import { SimulatedBroker } from './simulated-broker.js';
import { cacheOf, SimulatedRedis } from './simulated-cache.js';
import { SimulatedConnection } from './simulated-connection.js';
import { SimulatedDatabase } from './simulated-database.js';
import { databaseOf } from './simulated-pool.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** How long a process has for sending a message before the relay does. */
const OUTBOX_LEASE_MS = 5_000;
/** Between looks at what might go wrong with the servers. */
const SUFFER_EVERY_MS = 250;

export interface StartedParts extends ProcessParts {
  /** Connects to the broker: the last thing that a process does when it starts. */
  open(): void;
}

export class SimulatedServers {
  readonly broker: SimulatedBroker;
  readonly database: SimulatedDatabase;
  readonly redis = new SimulatedRedis();
  readonly #world: World;
  readonly #log: Logger;
  #connections: { readonly process: SimulatedProcess; readonly connection: SimulatedConnection }[] = [];

  constructor(world: World, topology: Topology, log: Logger) {
    this.#world = world;
    this.#log = log;
    this.broker = new SimulatedBroker(world, topology);
    this.database = new SimulatedDatabase(world);
  }

  /** Lets things go wrong from now on. */
  suffer(): void {
    if (this.#world.healed) return;
    this.#connections = this.#connections.filter(({ process }) => process.alive);
    for (const { connection } of this.#connections) connection.suffer();
    this.database.suffer();
    if (this.#world.happens('binding-is-missing', 60)) this.broker.loseBinding();
    this.#world.after(SUFFER_EVERY_MS, NATURE, () => this.suffer());
  }

  partsFor(process: SimulatedProcess): StartedParts {
    const consuming = this.#connect(process);
    const publishing = this.#connect(process);
    const log = this.#log;
    const database = databaseOf(this.#world, this.database, process);
    const publisher = new Publisher(publishing, log);
    return {
      consuming,
      publisher,
      database,
      dispatcher: new OutboxDispatcher(publisher, database, log),
      cache: cacheOf(this.#world, this.redis, process),
      isolation: new Isolation(),
      keyring: testKeyring,
      outboxLeaseMs: OUTBOX_LEASE_MS,
      release: 'simulated',
      log,
      open() {
        consuming.open();
        publishing.open();
      },
    };
  }

  #connect(process: SimulatedProcess): SimulatedConnection {
    const connection = new SimulatedConnection(this.#world, this.broker, process);
    this.#connections.push({ process, connection });
    return connection;
  }
}
