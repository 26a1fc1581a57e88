/** A process's connection to the simulated broker: it dies, comes back, and may be blocked by an alarm. */
import type { ChannelModel } from 'amqplib';
import type { ConnectionEvents } from '../../../shared/rabbitmq/connection.js';
import { NATURE } from './scheduler.js';
import type { SimulatedBroker } from './simulated-broker.js';
import { SimulatedChannel } from './simulated-channel.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

/** The broker misses the heartbeats of a process that stands still for so long. */
const HEARTBEATS_MISSED_MS = 20_000;
const LONGEST_RECONNECT_MS = 3_000;
const LONGEST_ALARM_MS = 5_000;

export class SimulatedConnection {
  readonly #world: World;
  readonly #broker: SimulatedBroker;
  readonly #process: SimulatedProcess;
  readonly #listeners: ConnectionEvents[] = [];
  readonly #channels = new Set<SimulatedChannel>();
  #model: ChannelModel | undefined;
  #blocked = false;

  constructor(world: World, broker: SimulatedBroker, process: SimulatedProcess) {
    this.#world = world;
    this.#broker = broker;
    this.#process = process;
    process.onDeath(() => world.soon(() => this.#forgotten()));
    process.onStandstill((ms) => {
      if (ms > HEARTBEATS_MISSED_MS) world.after(HEARTBEATS_MISSED_MS, NATURE, () => this.#die());
    });
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  listen(events: ConnectionEvents): void {
    this.#listeners.push(events);
    if (this.#model !== undefined) events.connected(this.#model);
  }

  open(): void {
    this.#world.after(this.#world.latencyMs(), this.#process, () => this.#connected());
  }

  /** What may become of it now. */
  suffer(): void {
    if (this.#model === undefined) return;
    if (this.#world.happens('connection-dies', 200)) this.#die();
    else if (this.#world.happens('broker-is-blocked', 300)) this.#block();
    for (const channel of this.#channels) {
      if (this.#world.happens('channel-dies', 250)) channel.failed('PRECONDITION_FAILED - simulated');
    }
  }

  #connected(): void {
    // The two methods of a connection that the project's own code calls; the rest is amqp-connection-manager's.
    const model = {
      createChannel: () => this.#createChannel(),
      createConfirmChannel: () => this.#createChannel(),
    } as unknown as ChannelModel;
    this.#model = model;
    for (const { connected } of this.#listeners) connected(model);
  }

  #createChannel(): Promise<SimulatedChannel> {
    const model = this.#model;
    return new Promise((resolve, reject) => {
      this.#world.after(this.#world.latencyMs(), this.#process, () => {
        if (model === undefined || this.#model !== model) return reject(new Error('Connection closed'));
        const channel = new SimulatedChannel(this.#world, this.#broker, this.#process);
        channel.once('close', () => this.#channels.delete(channel));
        this.#channels.add(channel);
        resolve(channel);
      });
    });
  }

  #die(): void {
    this.#forgotten();
    this.#world.after(this.#world.latencyMs(), this.#process, () => {
      if (this.#model === undefined) return;
      this.#model = undefined;
      this.#blocked = false;
      for (const channel of [...this.#channels]) {
        // It may have been opened since, by whom the news had not reached.
        channel.forgotten();
        channel.lost();
      }
      for (const { disconnected } of this.#listeners) disconnected?.('simulated');
      this.#world.after(this.#world.chance.between(200, LONGEST_RECONNECT_MS), this.#process, () => this.#connected());
    });
  }

  #block(): void {
    this.#blocked = true;
    this.#world.after(this.#world.chance.between(0, LONGEST_ALARM_MS), this.#process, () => {
      this.#blocked = false;
    });
  }

  #forgotten(): void {
    for (const channel of this.#channels) channel.forgotten();
  }
}
