/**
 * How long the oldest message waits that an actor has not handled: found in event log and inbox, so it is known also when
 * nobody consumes, and when the broker is away. Each actor has a position below which everything is handled; a look goes on
 * from there, and ends at the first message that waits. So it costs what came since the last look, however long the log is.
 *
 * Where that is more than a look may take, the position moves on as far as it gets, and the place from which messages wait is
 * found beyond it by halving: a queue hands out what came first, so what is before that place is handled, but for stragglers,
 * which are found when the position comes to them.
 */
import { END_OF_TIME, idTimeMs, leastId } from '../messaging/message-id.js';
import type { Database } from './database.js';
import { positionsOf, savePositions } from './measured-positions.js';

/** An actor, and the full names of the messages that its queue is bound to. */
export interface Bound {
  readonly actor: string;
  readonly types: readonly string[];
}

export interface Lag {
  readonly actor: string;
  /** Milliseconds, 0 when nothing waits. */
  readonly lagMs: number;
}

/** Messages of the log looked at by one statement. */
const PAGE = 5000;
/** What moving the position of one actor may take, in milliseconds; a page more at most. */
const LOOK_MS = 10;
/** Messages looked at in each place where the search halves what is left, and when it is near enough, in milliseconds. */
const SAMPLE = 200;
const NEAR_MS = 2000;
/** A transaction that made its ids so long ago has committed them; one whose clock is further behind goes unseen. */
const COMMITTED_WITHIN_MS = 10_000;
/** What is older is lost or given up: the retry ladder is sixteen hours long, and the audit looks for it. */
const OLDEST_MS = 24 * 3_600_000;

/**
 * Looks on for every actor. What is filed as a dead letter does not wait. The first look ever begins a day ago; an actor that
 * joins later begins with that moment, since what is older never came to its queue.
 */
export async function measureLag(database: Database, actors: readonly Bound[]): Promise<Lag[]> {
  const now = await nowOf(database);
  const committed = leastId(now - COMMITTED_WITHIN_MS);
  const dayAgo = leastId(now - OLDEST_MS);
  const known = await positionsOf(database, 'lag ');
  const newcomer = known.size === 0 ? dayAgo : committed;
  const lags: Lag[] = [];
  const reached = new Map<string, string>();
  for (const bound of actors) {
    const before = known.get(bound.actor) ?? newcomer;
    const { waiting, handledBelow = committed } = await look(database, bound, later(before, dayAgo), now);
    reached.set(bound.actor, earlier(handledBelow, committed));
    lags.push({ actor: bound.actor, lagMs: waiting === undefined ? 0 : Math.max(0, now - idTimeMs(waiting)) });
  }
  await savePositions(database, 'lag ', reached);
  return lags;
}

interface Looked {
  /** The oldest message that waits. */
  readonly waiting?: string;
  /** Undefined at the end of the log. */
  readonly handledBelow?: string;
}

async function look(database: Database, bound: Bound, from: string, now: number): Promise<Looked> {
  const until = performance.now() + LOOK_MS;
  for (let position = from; ; ) {
    const end = await following(database, position, PAGE);
    const waiting = await firstWaiting(database, bound, position, end ?? END_OF_TIME);
    if (waiting !== undefined) return { waiting, handledBelow: waiting };
    if (end === undefined) return {};
    position = end;
    if (performance.now() > until) return { ...(await halve(database, bound, position, now)), handledBelow: position };
  }
}

/** The message from which on messages wait, as nearly as samples tell. */
async function halve(database: Database, bound: Bound, from: string, now: number): Promise<Looked> {
  let handledMs = idTimeMs(from);
  let waitingMs = now;
  let found: Looked = {};
  while (waitingMs - handledMs > NEAR_MS) {
    const middle = (handledMs + waitingMs) / 2;
    const start = leastId(middle);
    const end = await following(database, start, SAMPLE);
    const waiting = await firstWaiting(database, bound, start, end ?? END_OF_TIME);
    if (waiting === undefined) handledMs = middle;
    else {
      found = { waiting };
      waitingMs = middle;
    }
  }
  return found;
}

/** The message that comes so many after; undefined when the log ends before. */
async function following(database: Database, from: string, messages: number): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string }>({
    text: 'select id from event_log where id >= $1 order by id offset $2 limit 1',
    values: [from, messages],
  });
  return rows[0]?.id;
}

/** Both bounds are for the planner too: only the partitions between them are looked at. */
async function firstWaiting(
  database: Database,
  { actor, types }: Bound,
  from: string,
  end: string,
): Promise<string | undefined> {
  const { rows } = await database.query<{ id: string }>({ text: FIRST_WAITING, values: [actor, types, from, end] });
  return rows[0]?.id;
}

/**
 * `$1` the actor, `$2` what it is bound to, `$3` and `$4` the bounds. `not in` makes one hash of a page's inbox; `not exists`
 * is planned as a look into its index for each message, which takes twice as long.
 */
const FIRST_WAITING = `
  select log.id from event_log as log
  where log.id >= $3 and log.id < $4 and log.type = any($2::text[])
    and log.id not in (select message_id from inbox where actor = $1 and message_id >= $3 and message_id < $4)
    and not exists (select from dead_letters as letter
                    where letter.actor = $1 and letter.message_id = log.id::text and letter.status <> 'redriven')
  order by log.id limit 1`;

/** Milliseconds since 1970 by the database's clock. */
async function nowOf(database: Database): Promise<number> {
  const { rows } = await database.query<{ now: number }>({
    text: 'select extract(epoch from now())::float8 * 1000 as now',
  });
  const [row] = rows;
  if (row === undefined) throw new Error('a select without a table answered without a row');
  return row.now;
}

/** As text, ids are in the order of their times. */
function earlier(one: string, other: string): string {
  if (one < other) return one;
  return other;
}

const later = (one: string, other: string): string => (earlier(one, other) === one ? other : one);
