/** The processes of the fleet: the project's own runtime and actors, on simulated servers. What dies is started again. */
import { ActorRunner } from '../../../shared/actors/actor-runner.js';
import { type ActorDefinition, definitionOf } from '../../../shared/actors/definition.js';
import { sweepOutbox } from '../../../shared/actors/outbox-sweep.js';
import { Rounds } from '../../../shared/actors/rounds.js';
import type { Contract } from '../../../shared/messaging/contract.js';
import type { Logger } from '../../../shared/observability/log.js';
import { topologyOf } from '../../../shared/rabbitmq/topology.js';
import { Filing } from '../../../workers/dead-letters/filing.js';
import { EmailActor } from '../../../workers/email/email.actor.js';
import { InventoryActor } from '../../../workers/inventory/inventory.actor.js';
import * as inventoryMessages from '../../../workers/inventory/messages.js';
import * as ordersMessages from '../../../workers/orders/messages.js';
import { OrdersActor } from '../../../workers/orders/orders.actor.js';
import * as paymentMessages from '../../../workers/payment/messages.js';
import { PaymentActor } from '../../../workers/payment/payment.actor.js';
import { fireTimers } from '../../../workers/scheduler/fire-timers.js';
import * as shippingMessages from '../../../workers/shipping/messages.js';
import { ShippingActor } from '../../../workers/shipping/shipping.actor.js';
import { testKeyring } from '../../support/keyring.js';
import { type Fate, SimulatedCarrier, SimulatedMailServer, SimulatedProvider } from '../outside-world.js';
import { overNetwork } from './over-network.js';
import { NATURE } from './scheduler.js';
import { type Blows, SimulatedProcess } from './simulated-process.js';
import { SimulatedServers, type StartedParts } from './simulated-servers.js';
import { TallyActor, type Temper } from './tally.actor.js';
import { Web } from './web.js';
import type { World } from './world.js';

const ACTORS = [OrdersActor, InventoryActor, PaymentActor, ShippingActor, EmailActor, TallyActor].map(definitionFor);

const LONGEST_RESTART_MS = 5_000;
const RELAY_MS = 1_000;
const TIMERS_MS = 2_000;
/** What was asked of the outside world and is under way is carried out now and then. */
const PROCEED_MS = 2_000;
/** The outside world may err in one of so many requests; in about half of those it does. */
const PROVIDERS_ERR_ONE_IN = 4;
const CONFIRMED_AFTER_MS = 60_000;
const SHIPPED_AFTER_MS = 120_000;
const KEPT_FOR_MS = 90_000;

export interface FleetOptions {
  readonly fateOf: (orderId: string, servers: SimulatedServers) => Fate;
  readonly temper: Temper;
  readonly blows: Blows;
  readonly log: Logger;
}

type Ports = {
  readonly provider: SimulatedProvider;
  readonly carrier: SimulatedCarrier;
  readonly mailServer: SimulatedMailServer;
};

export class SimulatedFleet {
  readonly servers: SimulatedServers;
  readonly ports: Ports;
  readonly actors: readonly ActorDefinition[] = ACTORS;
  /** Those that take orders in. */
  readonly webs = new Map<string, { readonly process: SimulatedProcess; readonly web: Web }>();
  readonly #world: World;
  readonly #options: FleetOptions;

  constructor(world: World, options: FleetOptions) {
    this.#world = world;
    this.#options = options;
    const contracts = [ordersMessages, inventoryMessages, paymentMessages, shippingMessages].flatMap(contractsOf);
    this.servers = new SimulatedServers(world, topologyOf(ACTORS, contracts), options.log);
    const chance = (bound: number): number =>
      world.healed || !world.chance.oneIn(PROVIDERS_ERR_ONE_IN) ? 0 : world.chance.below(bound);
    const fateOf = (orderId: string): Fate => options.fateOf(orderId, this.servers);
    this.ports = {
      provider: new SimulatedProvider(chance, fateOf),
      carrier: new SimulatedCarrier(chance, fateOf),
      mailServer: new SimulatedMailServer(chance),
    };
  }

  /** Starts every process: one or two of each kind, all actors in one or apart, and one that keeps house. */
  start(): void {
    const replicas = this.#world.chance.oneIn(4) ? [1] : [1, 2];
    const together = this.#world.chance.oneIn(2);
    const groups = together ? [ACTORS] : [ACTORS.slice(0, 2), ACTORS.slice(2)];
    for (const replica of replicas) {
      this.#keepRunning(`web-${replica}`, (process, parts) => this.#startWeb(process, parts));
      for (const [index, group] of groups.entries()) {
        this.#keepRunning(`workers-${index + 1}-${replica}`, (process, parts) =>
          this.#startActors(process, parts, group),
        );
      }
    }
    this.#keepRunning('keeper', (_process, parts) => this.#startKeeper(parts));
    this.#proceed();
  }

  #keepRunning(name: string, start: (process: SimulatedProcess, parts: StartedParts) => void): void {
    const world = this.#world;
    const process = new SimulatedProcess(name, world, this.#options.blows);
    process.onDeath(() => {
      const inMs = world.healed ? 100 : world.chance.between(100, LONGEST_RESTART_MS);
      world.after(inMs, NATURE, () => this.#keepRunning(name, start));
    });
    world.after(0, process, () => {
      world.note(`${name} starts`);
      const parts = this.servers.partsFor(process);
      start(process, parts);
      parts.open();
    });
  }

  #startActors(process: SimulatedProcess, parts: StartedParts, definitions: readonly ActorDefinition[]): void {
    const { provider, carrier, mailServer } = this.ports;
    const over = <T extends object>(port: T): T => overNetwork(this.#world, process, port);
    const instances = [
      new OrdersActor({ confirmedAfterMs: CONFIRMED_AFTER_MS, shippedAfterMs: SHIPPED_AFTER_MS }),
      new InventoryActor({ keptForMs: KEPT_FOR_MS }),
      new PaymentActor(over(provider), testKeyring),
      new ShippingActor(over(carrier)),
      new EmailActor(over(mailServer)),
      new TallyActor(this.#options.temper, () => process.die()),
    ];
    for (const instance of instances) {
      const definition = definitionFor(instance.constructor);
      if (!definitions.includes(definition)) continue;
      const { prefetch, concurrency } = definition;
      // Methods are looked up by the names that the decorators recorded.
      const methods = instance as unknown as Readonly<Record<string, unknown>>;
      new ActorRunner(definition, methods, { prefetch, concurrency }, parts).start();
    }
  }

  #startWeb(process: SimulatedProcess, parts: StartedParts): void {
    this.webs.set(process.name, { process, web: new Web(parts) });
  }

  /** Relay, timers and the filing of dead letters. */
  #startKeeper(parts: StartedParts): void {
    new Rounds('sweeping the outbox', async () => ((await sweepOutbox(parts)) ? 0 : RELAY_MS), parts.log);
    new Rounds(
      'timers',
      async () => {
        await fireTimers(parts);
        return TIMERS_MS;
      },
      parts.log,
    );
    new Filing(parts.consuming, parts.database, parts.log);
  }

  #proceed(): void {
    this.ports.provider.proceed();
    this.ports.carrier.proceed();
    this.#world.after(PROCEED_MS, NATURE, () => this.#proceed());
  }
}

function definitionFor(actor: object): ActorDefinition {
  const definition = definitionOf(actor);
  if (definition === undefined) throw new TypeError('its class has no @Actor');
  return definition;
}

function contractsOf(messages: object): Contract[] {
  return Object.values(messages).filter(
    (exported): exported is Contract =>
      typeof exported === 'object' && exported !== null && 'parse' in exported && 'exchange' in exported,
  );
}
