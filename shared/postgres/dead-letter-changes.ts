/**
 * What somebody does about dead letters, each with who did it and why, and each in one transaction of the caller, who may have
 * more to note. What is settled here is settled for good. Locks are taken in the order of an actor's transaction: the inbox
 * first, then the letters.
 */
import { newId } from '../messaging/message-id.js';
import type { Transaction } from './database.js';
import { FITS, filterValues, type LetterFilter } from './dead-letter-filter.js';
import { isUnaddressed } from './dead-letters.js';
import type { Author } from './redrive-jobs.js';
import { hasUsableId, type LetterName, settleForGood, unsettle } from './settled-letters.js';

export type RefusalCode =
  | 'dead-letter.not-found'
  | 'dead-letter.status'
  | 'dead-letter.no-id'
  | 'dead-letter.no-order'
  | 'dead-letter.unaddressed'
  | 'dead-letter.unknown-type'
  | 'dead-letter.handled';

/** A letter is not in a state in which that can be done to it. Nothing was changed. */
export class LetterRefused extends Error {
  override readonly name = 'LetterRefused';
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Decides that an open letter is redriven; the dead-letters worker sends it. One that was sent and never handled is sent again.
 * @throws {LetterRefused}
 */
export async function redriveLetter(transaction: Transaction, id: string, author: Author): Promise<void> {
  const letter = await lockLetter(transaction, id);
  if (letter.status !== 'open' && !(letter.status === 'redriving' && letter.sent)) throw wrongStatus(letter);
  refuseUnaddressed(letter);
  if (!hasUsableId(letter)) {
    throw new LetterRefused(
      'dead-letter.no-id',
      `the message of letter ${id} has no usable id, so no redrive would be known as one; edit it, which gives it a new id, or discard it`,
    );
  }
  await transaction.query({
    text: `update dead_letters set status = 'redriving', sent_at = null, leased_until = null where id = $1`,
    values: [id],
  });
  await note(transaction, [id], 'redrive', author);
}

/** Of a letter's message, what an edit makes new. */
export interface Edited {
  readonly messageId: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/**
 * Puts an edited message into the place of an open letter's, to be redriven. The one before counts as handled from now on:
 * a late copy of it has no effect.
 * @returns the id of the new letter
 * @throws {LetterRefused}
 */
export async function replaceLetter(
  transaction: Transaction,
  { id, edited, author }: { readonly id: string; readonly edited: Edited; readonly author: Author },
): Promise<string> {
  const replacement = newId();
  const { rows } = await transaction.query<LetterName>({
    text: 'select id, actor, message_id from dead_letters where id = $1',
    values: [id],
  });
  // Entered before it is replaced: a process that is handling a copy just now is waited for, and then seen.
  const settled = await settleForGood(transaction, rows);
  const letter = await lockLetter(transaction, id);
  if (letter.status !== 'open') throw wrongStatus(letter);
  refuseUnaddressed(letter);
  if (settled.length === 0 && hasUsableId(letter)) {
    throw new LetterRefused(
      'dead-letter.handled',
      `${letter.actor} has handled the message of letter ${id} meanwhile; redrive it to close the letter`,
    );
  }
  await transaction.query({
    text: `update dead_letters set status = 'replaced', replaced_by = $2 where id = $1`,
    values: [id, replacement],
  });
  await transaction.query({
    text: `insert into dead_letters (id, status, in_place_of, place, message_id, body, headers, actor, type, correlation_id, road,
               error_code, error_message, stack, attempts, release, fingerprint, redrive_job)
             select $2, 'redriving', coalesce(in_place_of, id), place, $3, $4, $5::jsonb, actor, type, correlation_id, road,
               error_code, error_message, stack, attempts, release, fingerprint, null
             from dead_letters where id = $1`,
    values: [id, replacement, edited.messageId, edited.body, JSON.stringify(edited.headers)],
  });
  await note(transaction, [id], 'replace', author);
  return replacement;
}

/**
 * Discards the open letters that fit, and returns how many. Those that are held or under way are discarded only when they
 * are named by their ids. A late copy of a discarded message has no effect.
 */
export async function discardLetters(transaction: Transaction, filter: LetterFilter, author: Author): Promise<number> {
  const { rows: meant } = await transaction.query<LetterName>({
    text: `select id, actor, message_id from dead_letters where ${DISCARDABLE}`,
    values: filterValues(filter),
  });
  const settled = await settleForGood(transaction, meant);
  // Looked at again once they are locked: what has changed meanwhile, so that it does not fit any more, is left alone.
  const { rows } = await transaction.query<{ id: string }>({
    text: `with locked as (select id from dead_letters where id = any($7::uuid[]) and ${DISCARDABLE} order by id for update)
           update dead_letters as letter set status = 'discarded' from locked where letter.id = locked.id returning letter.id`,
    values: [...filterValues(filter), meant.map(({ id }) => id)],
  });
  const discarded = new Set(rows.map(({ id }) => id));
  await unsettle(
    transaction,
    settled.filter(({ id }) => !discarded.has(id)),
  );
  await note(transaction, [...discarded], 'discard', author);
  return discarded.size;
}

/** A condition like `FITS`. */
const DISCARDABLE = `${FITS} and (status = 'open' or status in ('held', 'redriving') and $6::uuid[] is not null)`;

interface LetterRow extends LetterName {
  readonly status: string;
  readonly code: string;
  readonly sent: boolean;
}

async function lockLetter(transaction: Transaction, id: string): Promise<LetterRow> {
  const { rows } = await transaction.query<LetterRow>({
    text: `select id, actor, message_id, status, error_code as code, sent_at is not null as sent
           from dead_letters where id = $1 for update`,
    values: [id],
  });
  const [letter] = rows;
  if (letter === undefined)
    throw new LetterRefused('dead-letter.not-found', `there is no letter ${id}; list them to find it`);
  return letter;
}

/** @throws {LetterRefused} */
function refuseUnaddressed({ id, actor, code }: LetterRow): void {
  if (!isUnaddressed(code)) return;
  throw new LetterRefused(
    'dead-letter.unaddressed',
    `the letter ${id} (${code}) is of a message that nobody is known to have been allowed to send to ${actor}, which a redrive or an edit would do for its publisher; discard it, and have it published under its own name, without an expiration`,
  );
}

function wrongStatus({ id, status }: LetterRow): LetterRefused {
  const why =
    status === 'held'
      ? 'waits behind another of its order, and follows by itself when that one is settled'
      : status === 'redriving'
        ? 'is being redriven; wait for what comes of it'
        : `is ${status}; that is over`;
  return new LetterRefused('dead-letter.status', `the letter ${id} ${why}`);
}

async function note(
  transaction: Transaction,
  ids: readonly string[],
  change: 'redrive' | 'replace' | 'discard',
  { by, reason }: Author,
): Promise<void> {
  await transaction.query({
    text: 'insert into dead_letter_changes (letter_id, change, made_by, reason) select id, $2, $3, $4 from unnest($1::uuid[]) as id',
    values: [ids, change, by, reason],
  });
}
