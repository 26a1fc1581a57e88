/**
 * Watches the orders somebody listens to, all with one poller. It compares what is there with what was seen: a message
 * with an older id may well be committed after one with a newer, so nothing can be concluded from the newest id seen.
 */
import type { FastifyBaseLogger } from 'fastify';
import { reasonOf } from '../../shared/observability/reason.js';
import type { Database } from '../../shared/postgres/database.js';
import { eventsById, OPERATORS_OWN, type OrderEvent } from './event-rows.js';
import { leastMessageId } from './order-id.js';

const POLL_MS = 250;
/** Wait after a failed poll. */
const REST_MS = 2000;

export interface Follower {
  readonly orderId: string;
  /** Of all the order's messages, those the follower has yet to be given. */
  unseen(ids: readonly string[]): readonly string[];
  /** What is new, oldest id first, and the status that the order had when all of it was there. */
  take(events: readonly OrderEvent[], status: string): void;
}

export class OrderWatch {
  readonly #database: Database;
  readonly #log: FastifyBaseLogger;
  readonly #followers = new Set<Follower>();
  #timer: NodeJS.Timeout | undefined;
  #polling = false;

  constructor(database: Database, log: FastifyBaseLogger) {
    this.#database = database;
    this.#log = log;
  }

  /** Gives the follower what is there already, and then what comes, until it is let go. */
  follow(follower: Follower): void {
    this.#followers.add(follower);
    this.#pollIn(0);
  }

  unfollow(follower: Follower): void {
    this.#followers.delete(follower);
  }

  #pollIn(delayMs: number): void {
    if (this.#polling) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#poll(), delayMs).unref();
  }

  async #poll(): Promise<void> {
    this.#polling = true;
    let next = POLL_MS;
    const followers = [...this.#followers];
    try {
      if (followers.length > 0) await this.#bringUpToDate(followers);
    } catch (error) {
      next = REST_MS;
      this.#log.warn({ reason: reasonOf(error) }, 'event streams stand still; trying on');
    }
    this.#polling = false;
    if ([...this.#followers].some((follower) => !followers.includes(follower))) this.#pollIn(0);
    else if (this.#followers.size > 0) this.#pollIn(next);
  }

  async #bringUpToDate(followers: readonly Follower[]): Promise<void> {
    const snapshots = await this.#snapshots([...new Set(followers.map(({ orderId }) => orderId))]);
    const due = followers.flatMap((follower) => {
      const snapshot = snapshots.get(follower.orderId);
      return snapshot === undefined
        ? []
        : [{ follower, status: snapshot.status, ids: follower.unseen(snapshot.message_ids) }];
    });
    const wanted = [...new Set(due.flatMap(({ ids }) => ids))];
    const events = wanted.length === 0 ? [] : await eventsById(this.#database, wanted);
    for (const { follower, status, ids } of due) {
      const own = new Set(ids);
      follower.take(
        events.filter(({ id }) => own.has(id)),
        status,
      );
    }
  }

  /** One statement, so that an order's status is never newer than the messages that led to it. */
  async #snapshots(orderIds: readonly string[]): Promise<Map<string, Snapshot>> {
    const { rows } = await this.#database.query<Snapshot>({
      name: 'orders-watch',
      text: `select orders.id, orders.status,
               array(select log.id from event_log as log
                     where log.correlation_id = orders.id and log.id >= $2 and log.type <> $3)::text[] as message_ids
             from orders where orders.id = any($1::uuid[])`,
      values: [orderIds, leastMessageId(orderIds), OPERATORS_OWN],
    });
    return new Map(rows.map((row) => [row.id, row]));
  }
}

interface Snapshot {
  readonly id: string;
  readonly status: string;
  readonly message_ids: readonly string[];
}
