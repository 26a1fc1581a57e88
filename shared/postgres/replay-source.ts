/** Messages that a replay means, a page at a time in the order of their ids, with what their actor has made of them so far. */
import type { Message } from '../messaging/message.js';
import type { Transaction } from './database.js';
import { STANDING } from './dead-letters.js';
import { OLDEST_INBOX } from './inbox.js';
import type { Replay } from './replays.js';

/** A message that may be replayed. */
export interface Replayable extends Message {
  /** The actor's inbox has it. */
  readonly handled: boolean;
  /** A dead letter of it stands at the actor. */
  readonly dead: boolean;
  /** The inbox of its day is dropped: who has handled it cannot be told. */
  readonly forgotten: boolean;
}

export interface ReplayPage {
  readonly messages: readonly Replayable[];
  /** Up to here, this id included, the page has all that is meant; undefined at the end of it all. */
  readonly end: string | undefined;
}

/** Messages of the log that a page looks at, whatever their type, and of which it reads the body. */
const LOOKED_AT = 5000;
const MESSAGES = 500;
/** Of a page, in bytes of messages as text; one message always. */
const BYTES = 8 * 1024 * 1024;

/** @param types that the actor takes and that are meant */
export async function readReplayPage(
  database: Transaction,
  replay: Pick<Replay, 'id' | 'actor' | 'fromId' | 'untilId' | 'order' | 'imported'>,
  { after, types }: { readonly after: string | null; readonly types: readonly string[] },
): Promise<ReplayPage> {
  const { id, actor, fromId, untilId, order, imported } = replay;
  const values: unknown[] = [actor, fromId, untilId, after, types, BYTES];
  const narrowed = imported
    ? `from replay_messages where replay_id = $${values.push(id)} and`
    : `from event_log where ${order === null ? '' : `correlation_id = $${values.push(order)} and`}`;
  const { rows } = await database.query<PageRow>({
    text: `with looked_at as (
             select id, type, version, correlation_id, causation_id, producer, occurred_at, payload
             ${narrowed} id >= $2 and id < $3 and ($4::uuid is null or id > $4) order by id limit ${LOOKED_AT}
           ), meant as (
             select * from looked_at where type = any($5::text[]) order by id limit ${MESSAGES + 1}
           ), sized as (
             select meant.*, row_number() over (order by id) as number, count(*) over () as of_all,
               coalesce(sum(octet_length(payload::text)) over (order by id rows between unbounded preceding and 1 preceding), 0) as bytes_before
             from meant
           )
           select page.end_id, log.of_all, log.id, log.type, log.version, log.correlation_id, log.causation_id, log.producer,
             log.occurred_at, log.payload::text as body,
             exists (select from inbox where inbox.actor = $1 and inbox.message_id = log.id) as handled,
             exists (select from dead_letters as letter where letter.actor = $1 and letter.message_id = log.id::text and ${STANDING}) as dead,
             coalesce(log.id < (${OLDEST_INBOX}), false) as forgotten
           from (select (select id from looked_at order by id desc limit 1) as end_id) as page
           left join sized as log on log.number <= ${MESSAGES} and log.bytes_before < $6 order by log.id`,
    values,
  });
  const [first] = rows;
  if (first === undefined || first.end_id === null) return { messages: [], end: undefined };
  const messages = rows.flatMap((row) => (row.id === null ? [] : [messageOf(row, row.id)]));
  const whole = messages.length === (first.of_all ?? 0);
  return { messages, end: whole ? first.end_id : messages.at(-1)?.id };
}

interface PageRow {
  /** The last that was looked at; null when there was none. */
  readonly end_id: string | null;
  /** How many of them are meant, up to one more than a page has. */
  readonly of_all: number | null;
  /** Null in the one row of a page that has no message. */
  readonly id: string | null;
  readonly type: string;
  readonly version: number;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly producer: string;
  readonly occurred_at: Date;
  readonly body: string;
  readonly handled: boolean;
  readonly dead: boolean;
  readonly forgotten: boolean;
}

const messageOf = (row: PageRow, id: string): Replayable => ({
  id,
  type: row.type,
  version: row.version,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  producer: row.producer,
  occurredAt: row.occurred_at,
  body: row.body,
  handled: row.handled,
  dead: row.dead,
  forgotten: row.forgotten,
});

/** What became of messages that were sent. */
export interface Arrived {
  /** Neither handled nor given up. */
  readonly inFlight: readonly string[];
  /** Filed as dead letters, or held behind one. */
  readonly failed: number;
}

export async function arrived(database: Transaction, actor: string, ids: readonly string[]): Promise<Arrived> {
  if (ids.length === 0) return { inFlight: [], failed: 0 };
  const { rows } = await database.query<{ id: string; handled: boolean; dead: boolean }>({
    text: `select sent.id,
             exists (select from inbox where inbox.actor = $1 and inbox.message_id = sent.id) as handled,
             exists (select from dead_letters as letter where letter.actor = $1 and letter.message_id = sent.id::text and ${STANDING}) as dead
           from unnest($2::uuid[]) as sent (id)`,
    values: [actor, ids],
  });
  return {
    inFlight: rows.filter(({ handled, dead }) => !handled && !dead).map(({ id }) => id),
    failed: rows.filter(({ handled, dead }) => !handled && dead).length,
  };
}
