/** How many orders are where, among the newest: to count all of them would read all of them. */
import type { Database } from '../../../shared/postgres/database.js';
import { isAtItsEnd } from '../../../workers/orders/messages.js';

const LOOKED_AT_AT_MOST = 50_000;

export interface OrderCounts {
  /** The newest so many. */
  readonly lookedAt: number;
  /** When the oldest of them was placed; null without orders. */
  readonly since: Date | null;
  readonly byStatus: Readonly<Record<string, number>>;
  /** When the oldest in each status was placed. */
  readonly oldest: Readonly<Record<string, Date>>;
  /** The oldest of them that is not at its end. */
  readonly oldestUnfinished: { readonly id: string; readonly status: string; readonly placedAt: Date } | null;
}

export async function orderCounts(database: Database): Promise<OrderCounts> {
  const { rows } = await database.query<{
    status: string;
    count: number;
    since: Date;
    oldest: string;
  }>({
    text: `select status, count(*) as count, min(placed_at) as since, min(id::text collate "C") as oldest
           from (select id, status, placed_at from orders order by id desc limit ${LOOKED_AT_AT_MOST}) as newest group by status`,
  });
  const unfinished = rows
    .filter((counted) => !isAtItsEnd(counted))
    .sort((one, other) => (one.oldest < other.oldest ? -1 : 1))[0];
  const times = rows.map(({ since }) => since.getTime());
  return {
    lookedAt: rows.reduce((sum, { count }) => sum + count, 0),
    since: times.length === 0 ? null : new Date(Math.min(...times)),
    byStatus: Object.fromEntries(rows.map(({ status, count }) => [status, count])),
    oldest: Object.fromEntries(rows.map(({ status, since }) => [status, since])),
    oldestUnfinished:
      unfinished === undefined
        ? null
        : { id: unfinished.oldest, status: unfinished.status, placedAt: unfinished.since },
  };
}
