/**
 * How much has been said lately, by whom, and how long orders took that were shipped: from the newest messages of the event log,
 * a bounded number of them, so that a look costs the same however busy the fleet is; with much to do the time looked at is short.
 */
import { idTimeMs } from '../../../shared/messaging/message-id.js';
import type { Database } from '../../../shared/postgres/database.js';
import { OrderCancelled, OrderPlaced } from '../../../workers/orders/messages.js';
import { OrderShipped } from '../../../workers/shipping/messages.js';

const LOOKED_AT_AT_MOST = 10_000;
const LOOKED_BACK_MS = 10 * 60_000;
const BUCKETS = 40;

export interface Pace {
  readonly since: Date;
  readonly until: Date;
  /** Orders a minute, on the average of that time. */
  readonly placedPerMinute: number;
  readonly shippedPerMinute: number;
  readonly cancelledPerMinute: number;
  /** From the request to shipped, in milliseconds; null where none was shipped. */
  readonly toShippedMs: { readonly p50: number; readonly p95: number } | null;
  /** The time in equal parts, the oldest first; orders a minute in each. */
  readonly series: readonly {
    readonly at: Date;
    readonly placed: number;
    readonly shipped: number;
    readonly cancelled: number;
  }[];
  /** Messages a minute by their full name and who said them. */
  readonly said: readonly { readonly type: string; readonly producer: string; readonly perMinute: number }[];
}

export interface Said {
  readonly id: string;
  readonly type: string;
  readonly producer: string;
  readonly orderId: string;
}

/** What was said in the last ten minutes, of the newest messages. */
export async function measurePace(database: Database): Promise<Pace> {
  const { rows } = await database.query<Said>({
    text: `select id, type, producer, correlation_id as "orderId" from event_log
           where id >= uuid_v7_floor(now() - $1 * interval '1 millisecond') order by id desc limit ${LOOKED_AT_AT_MOST}`,
    values: [LOOKED_BACK_MS],
  });
  const until = Date.now();
  const oldest = rows.at(-1);
  const cutShort = rows.length === LOOKED_AT_AT_MOST && oldest !== undefined;
  return paceOf(rows, { since: cutShort ? idTimeMs(oldest.id) : until - LOOKED_BACK_MS, until });
}

/** Pure. @param since milliseconds since 1970 */
export function paceOf(
  messages: readonly Said[],
  { since, until }: { readonly since: number; readonly until: number },
): Pace {
  const minutes = Math.max(until - since, 1) / 60_000;
  const part = Math.max(until - since, BUCKETS) / BUCKETS;
  const count = { placed: parts(), shipped: parts(), cancelled: parts() };
  const said = new Map<string, { type: string; producer: string; messages: number }>();
  const took: number[] = [];
  for (const { id, type, producer, orderId } of messages) {
    const at = idTimeMs(id);
    const of = said.get(`${producer} ${type}`) ?? { type, producer, messages: 0 };
    of.messages += 1;
    said.set(`${producer} ${type}`, of);
    const counted = COUNTED.get(type);
    const bucket = Math.min(Math.max(Math.floor((at - since) / part), 0), BUCKETS - 1);
    if (counted !== undefined) count[counted][bucket] = (count[counted][bucket] ?? 0) + 1;
    if (counted === 'shipped') took.push(Math.max(0, at - idTimeMs(orderId)));
  }
  const perMinute = (counts: readonly number[]): number => round(counts.reduce((sum, one) => sum + one, 0) / minutes);
  const rate = (messagesInPart: number | undefined): number => round(((messagesInPart ?? 0) * 60_000) / part);
  return {
    since: new Date(since),
    until: new Date(until),
    placedPerMinute: perMinute(count.placed),
    shippedPerMinute: perMinute(count.shipped),
    cancelledPerMinute: perMinute(count.cancelled),
    toShippedMs: percentiles(took),
    series: count.placed.map((placed, index) => ({
      at: new Date(since + index * part),
      placed: rate(placed),
      shipped: rate(count.shipped[index]),
      cancelled: rate(count.cancelled[index]),
    })),
    said: [...said.values()].map(({ type, producer, messages }) => ({
      type,
      producer,
      perMinute: round(messages / minutes),
    })),
  };
}

const COUNTED: ReadonlyMap<string, 'placed' | 'shipped' | 'cancelled'> = new Map([
  [OrderPlaced.name, 'placed'],
  [OrderShipped.name, 'shipped'],
  [OrderCancelled.name, 'cancelled'],
]);

const parts = (): number[] => new Array<number>(BUCKETS).fill(0);

function percentiles(took: readonly number[]): Pace['toShippedMs'] {
  const sorted = [...took].sort((one, other) => one - other);
  const at = (share: number): number | undefined => sorted[Math.ceil(sorted.length * share) - 1];
  const [p50, p95] = [at(0.5), at(0.95)];
  return p50 === undefined || p95 === undefined ? null : { p50, p95 };
}

const round = (rate: number): number => Math.round(rate * 10) / 10;
