/**
 * A channel as amqplib shows it to a process, and as the broker knows it. What travels between the two keeps its order, and
 * is lost when either end is gone.
 */
import { EventEmitter } from 'node:events';
import { IllegalOperationError } from 'amqplib';
import { NATURE } from './scheduler.js';
import type { SimulatedBroker } from './simulated-broker.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { Carried, Queued, SimulatedQueue, Subscriber } from './simulated-queue.js';
import type { World } from './world.js';

interface Consuming extends Subscriber {
  readonly queue: SimulatedQueue;
  readonly tag: string;
}

interface Delivered {
  readonly queue: SimulatedQueue;
  readonly queued: Queued;
}

export class SimulatedChannel extends EventEmitter {
  readonly #world: World;
  readonly #broker: SimulatedBroker;
  readonly #process: SimulatedProcess;
  /** As the process sees it. */
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** As the broker sees it. */
  #known = true;
  readonly #unacked = new Map<number, Delivered>();
  readonly #consuming = new Map<string, Consuming>();
  /** Publishes without an answer. */
  readonly #pending = new Set<(error: Error | null) => void>();
  /** Questions without an answer. */
  readonly #asking = new Set<(error: Error) => void>();
  #prefetch = Number.POSITIVE_INFINITY;
  #tags = 0;
  #lastUpMs = 0;
  #lastDownMs = 0;

  constructor(world: World, broker: SimulatedBroker, process: SimulatedProcess) {
    super();
    this.#world = world;
    this.#broker = broker;
    this.#process = process;
  }

  prefetch(count: number, _global: boolean): Promise<void> {
    return this.#asks(() => {
      this.#prefetch = count;
    });
  }

  consume(name: string, onMessage: (message: unknown) => void): Promise<{ readonly consumerTag: string }> {
    return this.#asks(() => {
      const queue = this.#broker.queue(name);
      if (queue === undefined) throw new Error(`NOT_FOUND - no queue '${name}'`);
      const tag = `consumer-${this.#consuming.size}`;
      const channel = this;
      const consuming: Consuming = {
        queue,
        tag,
        get hasRoom() {
          return channel.#known && channel.#unacked.size < channel.#prefetch;
        },
        deliver: (queued) => this.#deliver(queue, queued, onMessage),
      };
      this.#consuming.set(tag, consuming);
      queue.subscribe(consuming);
      if (this.#world.happens('consumer-is-cancelled', 40)) {
        this.#world.after(this.#world.chance.between(0, 20_000), NATURE, () => this.#cancelled(consuming, onMessage));
      }
      return { consumerTag: tag };
    });
  }

  cancel(tag: string): Promise<void> {
    return this.#asks(() => this.#forget(tag));
  }

  checkQueue(name: string): Promise<{ readonly messageCount: number; readonly consumerCount: number }> {
    return this.#asks(() => {
      const queue = this.#broker.queue(name);
      return { messageCount: queue?.ready ?? 0, consumerCount: queue?.subscribers ?? 0 };
    });
  }

  ack({ fields: { deliveryTag } }: { readonly fields: { readonly deliveryTag: number } }, allUpTo: boolean): void {
    this.#mustBeOpen();
    if (!this.#process.acts(`acks ${allUpTo ? 'all up to ' : ''}${deliveryTag}`)) return;
    this.#up(() => {
      const tags = allUpTo ? [...this.#unacked.keys()].filter((tag) => tag <= deliveryTag) : [deliveryTag];
      for (const tag of tags) {
        const delivered = this.#unacked.get(tag);
        if (delivered === undefined) return this.#world.wrong(`delivery ${tag} is acked twice`);
        this.#unacked.delete(tag);
        delivered.queue.acked();
      }
    });
  }

  nack({ fields: { deliveryTag } }: { readonly fields: { readonly deliveryTag: number } }): void {
    this.#mustBeOpen();
    if (!this.#process.acts(`gives back ${deliveryTag}`)) return;
    this.#up(() => {
      const delivered = this.#unacked.get(deliveryTag);
      this.#unacked.delete(deliveryTag);
      delivered?.queue.takeBack([delivered.queued]);
    });
  }

  publish(
    exchange: string,
    routingKey: string,
    content: Buffer,
    { headers, messageId, correlationId, type }: Carried['properties'],
    answered: (error: Error | null) => void,
  ): boolean {
    this.#mustBeOpen();
    if (!this.#process.acts(`publishes ${routingKey} ${this.#world.nameOf(messageId)} to ${exchange || 'a queue'}`))
      return true;
    this.#pending.add(answered);
    const properties = {
      ...(messageId === undefined ? {} : { messageId }),
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(type === undefined ? {} : { type }),
      // They are written into a frame: nobody shares them.
      headers: { ...headers },
    };
    this.#up(() => this.#take({ exchange, routingKey, content, properties }, answered));
    return true;
  }

  close(): Promise<void> {
    this.#mustBeOpen();
    this.#state = 'closing';
    return new Promise((resolve) => {
      this.#up(() => {
        this.forgotten();
        this.#down(() => {
          this.lost();
          resolve();
        });
      });
    });
  }

  /** The broker closes it. */
  failed(reason: string): void {
    if (!this.#known) return;
    this.#down(() => this.lost(new Error(reason)));
    this.forgotten();
  }

  /** The broker no longer knows it, and gives what was not acked to others. */
  forgotten(): void {
    if (!this.#known) return;
    this.#known = false;
    for (const tag of [...this.#consuming.keys()]) this.#forget(tag);
    const returned = new Map<SimulatedQueue, Queued[]>();
    for (const { queue, queued } of this.#unacked.values())
      returned.set(queue, [...(returned.get(queue) ?? []), queued]);
    this.#unacked.clear();
    for (const [queue, queued] of returned) queue.takeBack(queued);
  }

  /** The process learns that it is gone. */
  lost(error?: Error): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const pending = [...this.#pending];
    this.#pending.clear();
    for (const answered of pending) answered(new Error('channel closed'));
    for (const reject of this.#asking) reject(new Error('Channel ended, no reply will be forthcoming'));
    if (error !== undefined) this.emit('error', error);
    this.emit('close');
  }

  #take(message: Carried, answered: (error: Error | null) => void): void {
    const world = this.#world;
    if (world.happens('message-is-lost-unconfirmed', 60)) return;
    const refused = world.happens('publish-is-refused', 60);
    const routed = refused || this.#broker.route(message.exchange, message.routingKey, message);
    if (routed && !refused && world.happens('message-is-doubled', 20)) {
      world.after(world.chance.between(0, 20_000), NATURE, () => {
        this.#broker.route(message.exchange, message.routingKey, message);
      });
    }
    if (world.happens('confirm-is-lost', 60)) return;
    this.#down(() => {
      if (!this.#pending.delete(answered)) return;
      const { exchange, routingKey, properties } = message;
      if (!routed) this.emit('return', { fields: { exchange, routingKey }, properties });
      answered(refused ? new Error('refused') : null);
    });
  }

  #deliver(queue: SimulatedQueue, queued: Queued, onMessage: (message: unknown) => void): void {
    const deliveryTag = ++this.#tags;
    this.#unacked.set(deliveryTag, { queue, queued });
    const { content, properties, exchange, routingKey } = queued.message;
    const redelivered = queued.deliveries > 0;
    this.#down(() => {
      this.#world.note(
        `${this.#process.name} gets ${properties.type} ${this.#world.nameOf(properties.messageId)} as ${deliveryTag} from ${queue.name}${redelivered ? ', again' : ''}`,
      );
      onMessage({ content, properties, fields: { deliveryTag, redelivered, exchange, routingKey } });
    });
  }

  #cancelled({ tag }: Consuming, onMessage: (message: unknown) => void): void {
    if (!this.#known || !this.#consuming.has(tag)) return;
    this.#forget(tag);
    this.#down(() => onMessage(null));
  }

  #forget(tag: string): void {
    const consuming = this.#consuming.get(tag);
    if (consuming !== undefined) consuming.queue.unsubscribe(consuming);
    this.#consuming.delete(tag);
  }

  #mustBeOpen(): void {
    if (this.#state !== 'open') throw new IllegalOperationError(`Channel ${this.#state}`, undefined);
  }

  async #asks<T>(ask: () => T): Promise<T> {
    this.#mustBeOpen();
    return new Promise((resolve, reject) => {
      this.#asking.add(reject);
      this.#up(() => {
        try {
          const answer = ask();
          this.#down(() => {
            this.#asking.delete(reject);
            resolve(answer);
          });
        } catch (error) {
          this.failed((error as Error).message);
        }
      });
    });
  }

  #up(happen: () => void): void {
    this.#lastUpMs = Math.max(this.#lastUpMs, this.#world.scheduler.nowMs + this.#world.latencyMs());
    this.#world.after(this.#lastUpMs - this.#world.scheduler.nowMs, NATURE, () => {
      if (this.#known) happen();
    });
  }

  #down(happen: () => void): void {
    this.#lastDownMs = Math.max(this.#lastDownMs, this.#world.scheduler.nowMs + this.#world.latencyMs());
    this.#world.after(this.#lastDownMs - this.#world.scheduler.nowMs, this.#process, () => {
      if (this.#state !== 'closed') happen();
    });
  }
}
