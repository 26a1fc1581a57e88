/**
 * What the readers of event streams have not been given yet. It compares what is there with what was seen: a message with an
 * older id may well be committed after one with a newer, so nothing can be concluded from the newest id seen.
 */
import type { Transaction } from '../../shared/postgres/database.js';
import { eventsById, OPERATORS_OWN, type OrderEvent } from './event-rows.js';
import { leastMessageId } from './order-id.js';
import type { Follower } from './order-watch.js';

export interface EventFollower extends Follower {
  /** False while it has more than enough to send: it is left out of looks until it has not. */
  readonly ready: boolean;
  /** Of all the order's messages, those the follower has yet to be given. */
  unseen(ids: readonly string[]): readonly string[];
  /** What is new, oldest id first, and the status that the order had when all of it was there. Returns whether anything was. */
  take(events: readonly OrderEvent[], status: string): boolean;
}

/** Two statements, whatever the number of followers. Returns the orders of which somebody was given something. */
export async function tellWhatIsNew(database: Transaction, followers: readonly EventFollower[]): Promise<string[]> {
  const ready = followers.filter((follower) => follower.ready);
  if (ready.length === 0) return [];
  const snapshots = await snapshotsOf(database, ready);
  const due = ready.flatMap((follower) => {
    const snapshot = snapshots.get(follower.orderId);
    return snapshot === undefined
      ? []
      : [{ follower, status: snapshot.status, ids: follower.unseen(snapshot.message_ids) }];
  });
  const wanted = [...new Set(due.flatMap(({ ids }) => ids))];
  const found = wanted.length === 0 ? [] : await eventsById(database, wanted);
  const events = new Map(found.map((event) => [event.id, event]));
  const changed = due.filter(({ follower, status, ids }) =>
    follower.take(
      ids.flatMap((id) => events.get(id) ?? []),
      status,
    ),
  );
  return changed.map(({ follower }) => follower.orderId);
}

/** One statement, so that an order's status is never newer than the messages that led to it. */
async function snapshotsOf(database: Transaction, followers: readonly Follower[]): Promise<Map<string, Snapshot>> {
  const orders = new Map(followers.map(({ orderId, storefrontId }) => [orderId, storefrontId]));
  const orderIds = [...orders.keys()];
  const { rows } = await database.query<Snapshot>({
    name: 'orders-watch',
    text: `select orders.id, orders.status,
             array(select log.id from event_log as log
                   where log.correlation_id = orders.id and log.id >= $3 and log.type <> $4 order by log.id)::text[] as message_ids
           from unnest($1::uuid[], $2::uuid[]) as followed (id, storefront_id) join orders using (id, storefront_id)`,
    values: [orderIds, [...orders.values()], leastMessageId(orderIds), OPERATORS_OWN],
  });
  return new Map(rows.map((row) => [row.id, row]));
}

interface Snapshot {
  readonly id: string;
  readonly status: string;
  /** The oldest first. */
  readonly message_ids: readonly string[];
}
