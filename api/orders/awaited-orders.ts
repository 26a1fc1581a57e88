/**
 * Requests that wait until it is known whether their order is carried out. They hold no connection to PostgreSQL and no place among
 * the requests under way: all of them are one look at their orders now and then. An order is stored by then, so whatever
 * goes wrong here, its request is answered.
 */
import type { FastifyBaseLogger, FastifyReply } from 'fastify';
import { awaitedSeconds, ordersAwaited } from '../metrics.js';
import { whenNobodyWaits } from '../when-nobody-waits.js';
import { decidedOrders, type OwnOrder, type OwnReading, type Reading } from './find-order.js';
import type { OrderView } from './order-view.js';
import { type Follower, OrderWatch, storefrontsOf } from './order-watch.js';
import { Places } from './places.js';
import { noteUnread } from './unread-persons.js';

/** Each costs a connection and its memory. */
export const AWAITED_AT_MOST = 2000;
/** At low load an order is decided within 0.1 s. */
const PACE = { leastMs: 25, mostMs: 1000, ordersAtMost: 500 } as const;

/**
 * What became of a wait, where it is not known what becomes of the order:
 * - `late`: it took longer.
 * - `full`: too many wait.
 * - `share`: too many of them are the storefront's.
 * - `stopped`: the process is told to stop.
 * - `gone`: nobody is there any more.
 * - `unread`: it is known, and nobody can read who ordered: there is no order to answer with.
 */
export type Awaited =
  | { readonly kind: 'decided'; readonly order: OrderView }
  | { readonly kind: 'late' | 'full' | 'share' | 'stopped' | 'gone' | 'unread' };

interface Waiting extends Follower {
  readonly tell: (awaited: Awaited) => void;
}

export class AwaitedOrders {
  readonly #watch: OrderWatch<Waiting>;
  readonly #waiting = new Set<Waiting>();
  readonly #places: Places;
  #closing = false;

  /** @param atMost how many may wait at once */
  constructor({ rows, keyring }: OwnReading, log: FastifyBaseLogger, atMost: number) {
    this.#places = new Places(atMost);
    const look = (waiting: readonly Waiting[]) =>
      rows.of(...storefrontsOf(waiting)).transaction((database) => tellDecided({ database, keyring }, waiting, log));
    this.#watch = new OrderWatch({ ...PACE, log, look });
  }

  /** What is known of the order within `waitMs`, for whoever waits for the reply. */
  async decided(order: OwnOrder, waitMs: number, reply: FastifyReply): Promise<Awaited> {
    const stop = awaitedSeconds.startTimer();
    const awaited = await this.#await(order, waitMs, reply);
    stop({ outcome: awaited.kind });
    return awaited;
  }

  #await({ orderId, storefrontId }: OwnOrder, waitMs: number, reply: FastifyReply): Promise<Awaited> {
    if (this.#closing) return Promise.resolve({ kind: 'stopped' });
    const place = this.#places.take(storefrontId);
    if (place !== 'taken') return Promise.resolve({ kind: place });
    return new Promise((resolve) => {
      const tell = (awaited: Awaited): void => {
        clearTimeout(timer);
        this.#watch.unfollow(waiting);
        if (this.#waiting.delete(waiting)) this.#places.leave(storefrontId);
        ordersAwaited.set(this.#waiting.size);
        resolve(awaited);
      };
      const waiting: Waiting = { orderId, storefrontId, tell };
      const timer = setTimeout(() => tell({ kind: 'late' }), waitMs);
      this.#waiting.add(waiting);
      ordersAwaited.set(this.#waiting.size);
      this.#watch.follow(waiting);
      whenNobodyWaits(reply, () => tell({ kind: 'gone' }));
    });
  }

  /** Lets all go on as they are. */
  close(): void {
    this.#closing = true;
    for (const { tell } of this.#waiting) tell({ kind: 'stopped' });
  }
}

/** One statement for all. Nobody is told anything twice, so no order counts as changed. */
async function tellDecided(
  reading: Reading,
  waiting: readonly Waiting[],
  log: FastifyBaseLogger,
): Promise<readonly string[]> {
  const decided = await decidedOrders(reading, waiting);
  const orders = new Map(decided.map((seen) => [seen.orderId, seen]));
  for (const { orderId, tell } of waiting) {
    const seen = orders.get(orderId);
    if (seen?.kind === 'seen') tell({ kind: 'decided', order: seen.view });
    else if (seen?.kind === 'unread') tell({ kind: 'unread' });
  }
  noteUnread(
    log,
    decided.filter((seen) => seen.kind === 'unread'),
  );
  return [];
}
