/** One queue of the simulated broker, and those who consume it. */
import { NATURE } from './scheduler.js';
import type { World } from './world.js';

/** A message on its way. */
export interface Carried {
  readonly content: Buffer;
  readonly properties: {
    readonly messageId?: string;
    readonly correlationId?: string;
    readonly type?: string;
    readonly headers: Readonly<Record<string, unknown>>;
  };
  readonly exchange: string;
  readonly routingKey: string;
}

/** A message in one queue. */
export interface Queued {
  readonly message: Carried;
  /** Its place in the queue, which it keeps when it comes back. */
  readonly place: number;
  /** So often it was delivered, and came back. */
  deliveries: number;
}

export interface Subscriber {
  /** True when it may have one more. */
  readonly hasRoom: boolean;
  deliver(queued: Queued): void;
}

/** How far a message may overtake those before it. */
const OVERTAKES = 5;

export class SimulatedQueue {
  readonly name: string;
  readonly #world: World;
  readonly #settings: Readonly<Record<string, string | number>>;
  readonly #forward: (exchange: string, routingKey: string, message: Carried) => boolean;
  readonly #subscribers = new Set<Subscriber>();
  #ready: Queued[] = [];
  #unacked = 0;
  #places = 0;

  /** @param forward routes what dies here to where the arguments say */
  constructor(
    name: string,
    settings: Readonly<Record<string, string | number>>,
    world: World,
    forward: (exchange: string, routingKey: string, message: Carried) => boolean,
  ) {
    this.name = name;
    this.#settings = settings;
    this.#world = world;
    this.#forward = forward;
  }

  get count(): number {
    return this.#ready.length + this.#unacked;
  }

  get ready(): number {
    return this.#ready.length;
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  put(message: Carried): void {
    const ttlMs = this.#settings['x-message-ttl'];
    const queued: Queued = { message, place: this.#places++, deliveries: 0 };
    if (typeof ttlMs === 'number') {
      this.#unacked += 1;
      this.#world.after(ttlMs, NATURE, () => {
        this.#unacked -= 1;
        this.#die(message);
      });
      return;
    }
    this.#ready.push(queued);
    this.#pump();
  }

  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    this.#pump();
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  acked(): void {
    this.#unacked -= 1;
    this.#pump();
  }

  /** Takes back what was not acked, each to its place. */
  takeBack(returned: readonly Queued[]): void {
    this.#unacked -= returned.length;
    const limit = Number(this.#settings['x-delivery-limit'] ?? Number.POSITIVE_INFINITY);
    for (const queued of returned) {
      queued.deliveries += 1;
      if (queued.deliveries > limit) this.#die(queued.message);
      else this.#ready.push(queued);
    }
    this.#ready.sort((one, other) => one.place - other.place);
    this.#pump();
  }

  #pump(): void {
    while (this.#ready.length > 0) {
      const free = [...this.#subscribers].filter(({ hasRoom }) => hasRoom);
      const subscriber = free[this.#world.chance.below(free.length)];
      if (subscriber === undefined) return;
      const index =
        this.#ready.length > 1 && this.#world.happens('message-overtakes', 10)
          ? this.#world.chance.below(Math.min(this.#ready.length, OVERTAKES))
          : 0;
      const [queued] = this.#ready.splice(index, 1);
      if (queued === undefined) return;
      this.#unacked += 1;
      subscriber.deliver(queued);
    }
  }

  #die(message: Carried): void {
    const exchange = this.#settings['x-dead-letter-exchange'];
    if (typeof exchange !== 'string') return;
    const key = this.#settings['x-dead-letter-routing-key'];
    const routingKey = typeof key === 'string' ? key : message.routingKey;
    if (!this.#forward(exchange, routingKey, { ...message, exchange, routingKey })) {
      this.#world.wrong(`a dead letter of ${this.name} has nowhere to go`);
    }
  }
}
