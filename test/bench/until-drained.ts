/** Waits for orders to come to their ends, looking seldom enough to leave the database to them. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '../../shared/postgres/database.js';
import { type Ends, mailsOf } from './verify.js';

const SOONEST_LOOK_MS = 100;
const LATEST_LOOK_MS = 4_000;
/**
 * A count of all orders takes the database 10 to 20 ms. No order is shipped before all are authorized, which is half of the
 * time: looking every 100 ms until then took 3 % of the machine.
 */
const FIRST_LOOKS_MS = 700;

/** Resolves when so many orders are at their ends and mailed about, to when each was. */
export async function untilDrained(
  database: Database,
  ends: Ends,
  signal: AbortSignal,
): Promise<{ readonly endedAt: number; readonly mailedAt: number }> {
  const ended = `select count(*) from orders where status in ('SHIPPED', 'CANCELLED')`;
  const endedAt = await untilCount(database, ended, ends.shipped + (ends.soldOut ?? 0), signal, FIRST_LOOKS_MS);
  const mailedAt = await untilCount(database, 'select count(*) from emails', mailsOf(ends), signal);
  await untilNone(database, 'select count(*) from outbox', signal);
  return { endedAt, mailedAt };
}

export const untilNone = (database: Database, text: string, signal: AbortSignal): Promise<number> =>
  untilCount(database, text, 0, signal);

/**
 * Resolves when the count is reached, to when. Counting costs the database more than many a batch, so it looks seldom while
 * much is left: after half of the time that the rest will take at the rate so far.
 * @param firstLooksMs between looks before there is a rate
 */
async function untilCount(
  database: Database,
  text: string,
  count: number,
  signal: AbortSignal,
  firstLooksMs = SOONEST_LOOK_MS,
): Promise<number> {
  let first: number | undefined;
  let last: { readonly left: number; readonly at: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const { rows } = await database.query<{ count: number }>({ text });
    const at = performance.now();
    const left = Math.abs((rows[0]?.count ?? 0) - count);
    if (left === 0) return at;
    first ??= left;
    const restMs = last && last.left > left ? (left * (at - last.at)) / (last.left - left) : 0;
    last = { left, at };
    await pause(left === first ? firstLooksMs : Math.min(Math.max(restMs / 2, SOONEST_LOOK_MS), LATEST_LOOK_MS));
  }
}
