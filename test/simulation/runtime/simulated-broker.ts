/**
 * A broker in memory, with the topology of the fleet: topic exchanges, quorum queues with a delivery limit, delay queues. It
 * promises what RabbitMQ promises: what it has confirmed it delivers until it is acked, perhaps more than once.
 */
import type { Topology } from '../../../shared/rabbitmq/topology.js';
import { NATURE } from './scheduler.js';
import { type Carried, SimulatedQueue } from './simulated-queue.js';
import type { World } from './world.js';

/** A binding is missing for so long, in milliseconds. */
const BINDING_AWAY_MS = 4_000;

export class SimulatedBroker {
  readonly #world: World;
  readonly #queues = new Map<string, SimulatedQueue>();
  readonly #bindings: Topology['bindings'];
  /** By an exchange, the one behind it. */
  readonly #behind: ReadonlyMap<string, string>;
  /** Those that are not there at the moment. */
  readonly #missing = new Set<Topology['bindings'][number]>();

  constructor(world: World, { queues, bindings, exchangeBindings }: Topology) {
    this.#world = world;
    this.#bindings = bindings;
    this.#behind = new Map(exchangeBindings.map(({ source, exchange: behind }) => [source, behind]));
    for (const { name, arguments: settings } of queues) {
      this.#queues.set(
        name,
        new SimulatedQueue(name, settings, world, (to, key, message) => this.route(to, key, message)),
      );
    }
  }

  queue(name: string): SimulatedQueue | undefined {
    return this.#queues.get(name);
  }

  /** Puts the message into every queue that is bound; false when none is. */
  route(to: string, routingKey: string, message: Carried): boolean {
    const exchange = this.#behind.get(to) ?? to;
    const names =
      exchange === ''
        ? [routingKey]
        : this.#bindings
            .filter((binding) => binding.exchange === exchange && this.#takes(binding, routingKey))
            .map(({ queue }) => queue);
    const queues = names.flatMap((name) => this.#queues.get(name) ?? []);
    for (const queue of queues) queue.put(message);
    return queues.length > 0;
  }

  /** Somebody has taken a binding away by mistake; the release step brings it back. */
  loseBinding(): void {
    // One of several would not be missed by the publisher, and so nobody would send the message again.
    const bindings = this.#bindings.filter(({ routingKey, exchange }) => {
      const same = this.#bindings.filter((one) => one.exchange === exchange && one.routingKey === routingKey);
      return routingKey !== '#' && same.length === 1;
    });
    const lost = bindings[this.#world.chance.below(bindings.length)];
    if (lost === undefined) return;
    this.#world.note(`binding ${lost.routingKey} → ${lost.queue} is gone`);
    this.#missing.add(lost);
    this.#world.after(BINDING_AWAY_MS, NATURE, () => this.#missing.delete(lost));
  }

  /** What is in the queues: waiting, or delivered and not acked. */
  get backlog(): { readonly queue: string; readonly count: number }[] {
    return [...this.#queues.values()]
      .map((queue) => ({ queue: queue.name, count: queue.count }))
      .filter(({ count }) => count > 0);
  }

  #takes(binding: Topology['bindings'][number], routingKey: string): boolean {
    return binding.routingKey === '#' || (binding.routingKey === routingKey && !this.#missing.has(binding));
  }
}
