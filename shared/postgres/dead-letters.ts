/** Dead letters as they are filed. */
import { newId } from '../messaging/message-id.js';
import type { Transaction } from './database.js';

export interface DeadLetter {
  /** The actor, and queue, that could not handle it. */
  readonly actor: string;
  readonly messageId: string;
  readonly type: string | null;
  readonly correlationId: string | null;
  /** As received; `base64:` in front when it is no text. */
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Published by the runtime with its error, or by the broker for its delivery limit. */
  readonly road: 'runtime' | 'broker';
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly stack: string | null;
  readonly attempts: number;
  readonly release: string | null;
  /** The same for letters of one cause: actor, type and error code. */
  readonly fingerprint: string;
}

/**
 * Of messages that came to an actor without anybody having asked their publisher for the permission, or of which that cannot be told: an
 * expired one has the routing key that its publisher wrote (RabbitMQ before 4.0). To send one to its actor would be to make it valid.
 */
const UNADDRESSED_CODES: ReadonlySet<string> = new Set(['message.wrong-address', 'broker.expired']);

export const isUnaddressed = (code: string): boolean => UNADDRESSED_CODES.has(code);

/**
 * In front of the ids of such: they may be those of other messages, with whose letters theirs are not to be mixed up, and which are not to
 * be settled with them. No letter with such an id is redriven, since it is no UUID.
 */
export const UNADDRESSED = 'unaddressed:';

/** Those that stand in the line of their order at their actor; as the indexes of the table say it. */
export const STANDING = "status in ('open', 'held', 'redriving')";

/**
 * Those that what comes later waits behind. Not those that nobody was asked for: whoever can address an actor's queue without its
 * permission would hold up any order that he names, and no redrive would end it.
 */
export const IN_LINE = `${STANDING} and not starts_with(message_id, '${UNADDRESSED}')`;

/** The letters that stand before `letter` in the line of its order, as `ahead`: a from clause with its conditions. */
export const AHEAD = `from dead_letters as ahead
  where ahead.actor = letter.actor and ahead.correlation_id = letter.correlation_id and ahead.${STANDING}
    and not starts_with(ahead.message_id, '${UNADDRESSED}') and ahead.place < letter.place`;

/** A message id as the runtime knows it, as a pattern; for what came without one, one was made up. */
export const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';

/**
 * Files letters that need somebody, and behind them messages that wait behind a letter of their order, in this order.
 *
 * A letter that stands already is counted up, not filed twice; if it was being redriven it is open again, no longer of its
 * job, and `repeated` when it failed in the same way. One that waits and stands already stays as it is; if it was being
 * redriven it is sent again when its turn has come: a letter ahead of it was committed after it was sent.
 */
export async function fileDeadLetters(
  transaction: Transaction,
  letters: readonly DeadLetter[],
  held: readonly DeadLetter[] = [],
): Promise<void> {
  await lockStanding(transaction, [...letters, ...held]);
  for (const letter of letters) {
    await transaction.query({
      name: 'dead-letter-file',
      text: `insert into dead_letters as filed (${COLUMNS}) values (${PLACEHOLDERS})
             on conflict (actor, message_id) where ${STANDING} do update
             set status = 'open', occurrences = filed.occurrences + 1, last_at = now(), headers = excluded.headers,
                 road = excluded.road, error_code = excluded.error_code, error_message = excluded.error_message,
                 stack = excluded.stack, attempts = excluded.attempts, release = excluded.release,
                 fingerprint = excluded.fingerprint,
                 repeated = filed.fingerprint = excluded.fingerprint and (filed.status = 'redriving' or filed.repeated),
                 redrive_job = case when filed.status = 'redriving' then null else filed.redrive_job end,
                 sent_at = null, leased_until = null`,
      values: valuesOf(letter, 'open'),
    });
  }
  for (const letter of held) {
    await transaction.query({
      name: 'dead-letter-hold',
      text: `insert into dead_letters as filed (${COLUMNS}) values (${PLACEHOLDERS})
             on conflict (actor, message_id) where ${STANDING} do update
             set sent_at = null, leased_until = null where filed.status = 'redriving'`,
      values: valuesOf(letter, 'held'),
    });
  }
}

/**
 * Locks what stands of several letters. Whoever locks several does so in the order of their ids, or leaves out those that
 * are locked, so that no two wait for each other.
 */
async function lockStanding(transaction: Transaction, letters: readonly DeadLetter[]): Promise<void> {
  if (letters.length < 2) return;
  await transaction.query({
    name: 'dead-letters-lock',
    text: `select from dead_letters where (actor, message_id) in (select * from unnest($1::text[], $2::text[])) and ${STANDING}
           order by id for update`,
    values: [letters.map(({ actor }) => storable(actor)), letters.map(({ messageId }) => storable(messageId))],
  });
}

const COLUMNS = `id, status, actor, message_id, type, correlation_id, body, headers, road, error_code, error_message, stack,
  attempts, release, fingerprint`;
const PLACEHOLDERS = '$1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13, $14, $15';

const valuesOf = (letter: DeadLetter, status: 'open' | 'held'): unknown[] => [
  newId(),
  status,
  storable(letter.actor),
  storable(letter.messageId),
  storable(letter.type),
  storable(letter.correlationId),
  storable(letter.body),
  storableJson(letter.headers),
  letter.road,
  storable(letter.errorCode),
  storable(letter.errorMessage),
  storable(letter.stack),
  letter.attempts,
  storable(letter.release),
  storable(letter.fingerprint),
];

/** PostgreSQL holds no NUL and no lone surrogate, neither as text nor escaped in jsonb; these fields come from anywhere. */
const storableJson = (headers: DeadLetter['headers']): string => JSON.stringify(storableValue(headers));

/**
 * Own members only. A table with the name `__proto__` comes out of amqplib with what a publisher put there as its prototype: bytes
 * there have a `toJSON` that throws.
 */
function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(storableValue);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [storableText(name), storableValue(one)]));
}

const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\u2400');
const storable = (text: string | null): string | null => (text === null ? null : storableText(text));
