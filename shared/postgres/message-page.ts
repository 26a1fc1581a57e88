/** Stored messages, a page at a time in the order of their ids. What a page costs is bounded, however many are meant. */
import type { Message } from '../messaging/message.js';
import type { Transaction } from './database.js';

/** Makes a parameter of a value, and returns how the statement names it. */
export type Bind = (value: unknown) => string;

export interface MessagesMeant {
  /** The least id that is meant. */
  readonly fromId: string;
  /** Ids from here on are not meant. */
  readonly untilId: string;
  readonly order: string | null;
  /** Ids up to here are on pages before; null for the first. */
  readonly after: string | null;
}

interface Reading {
  /** A from clause that ends in a condition. @default the event log */
  readonly source?: (bind: Bind) => string;
  /** A condition on `type`. */
  readonly types: (bind: Bind) => string;
  /** Further columns, about `log`. */
  readonly also?: (bind: Bind) => string;
  /** Messages of a page at most. */
  readonly limit: number;
}

export interface MessagePage<A> {
  readonly messages: readonly (Message & A)[];
  /** Up to here, this id included, the page has all that is meant; undefined at the end of it all. */
  readonly end: string | undefined;
}

/** Messages that a page looks at, whatever their type. */
const LOOKED_AT = 2000;
/** Of a page, in bytes of messages as text; one message always. */
const BYTES = 8 * 1024 * 1024;

export async function readMessagePage<A extends object>(
  database: Transaction,
  { fromId, untilId, order, after }: MessagesMeant,
  { source = () => 'from event_log where true', types, also, limit }: Reading,
): Promise<MessagePage<A>> {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value)}`;
  const { rows } = await database.query<PageRow<A>>({
    text: `with looked_at as (
             select id, type, version, correlation_id, causation_id, producer, occurred_at, payload ${source(bind)}
               and id >= ${bind(fromId)}::uuid and id < ${bind(untilId)}::uuid
               ${after === null ? '' : `and id > ${bind(after)}::uuid`}
               ${order === null ? '' : `and correlation_id = ${bind(order)}::uuid`}
             order by id limit ${LOOKED_AT}
           ), meant as (
             select * from looked_at where ${types(bind)} order by id limit ${limit + 1}
           ), sized as (
             select meant.*, row_number() over (order by id) as number, count(*) over () as of_all,
               coalesce(sum(octet_length(payload::text)) over (
                 order by id rows between unbounded preceding and 1 preceding), 0) as bytes_before
             from meant
           )
           select page.end_id as "endId", log.of_all as "ofAll", log.id, log.type, log.version,
             log.correlation_id as "correlationId", log.causation_id as "causationId", log.producer,
             log.occurred_at as "occurredAt", log.payload::text as body ${also === undefined ? '' : `, ${also(bind)}`}
           from (select (select id from looked_at order by id desc limit 1) as end_id) as page
           left join sized as log on log.number <= ${limit} and log.bytes_before < ${BYTES} order by log.id`,
    values,
  });
  const [first] = rows;
  if (first === undefined || first.endId === null) return { messages: [], end: undefined };
  const messages = rows.filter(isMessage);
  const whole = messages.length === (first.ofAll ?? 0);
  return { messages, end: whole ? first.endId : messages.at(-1)?.id };
}

/** The one row of a page without a message has nothing but its end. */
type PageRow<A> = PageEnd & ({ readonly id: null } | (Message & A));

interface PageEnd {
  /** The last that was looked at; null when there was none. */
  readonly endId: string | null;
  /** How many of those are meant, up to one more than a page has. */
  readonly ofAll: number | null;
}

const isMessage = <A>(row: PageRow<A>): row is PageEnd & Message & A => row.id !== null;
