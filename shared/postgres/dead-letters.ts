/** Dead letters as they are filed. */
import { v7 } from 'uuid';
import type { Database } from './database.js';

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

/** Files the letters; one that is on file already and open is counted up, not filed twice. */
export async function fileDeadLetters(database: Database, letters: readonly DeadLetter[]): Promise<void> {
  await database.transaction(async (transaction) => {
    for (const letter of letters) {
      await transaction.query({
        name: 'dead-letter-file',
        text: `insert into dead_letters (id, actor, message_id, type, correlation_id, body, headers, road, error_code,
                 error_message, stack, attempts, release, fingerprint)
               values ($1, $2, $3, $4, $5, $6, $7::jsonb, $8, $9, $10, $11, $12, $13, $14)
               on conflict (actor, message_id) where status = 'open' do update
               set occurrences = dead_letters.occurrences + 1, last_at = now(), error_code = excluded.error_code,
                   error_message = excluded.error_message, stack = excluded.stack, attempts = excluded.attempts`,
        values: [
          v7(),
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
        ],
      });
    }
  });
}

/** PostgreSQL holds no NUL and no lone surrogate, neither as text nor escaped in jsonb; these fields come from anywhere. */
const storableJson = (headers: DeadLetter['headers']): string =>
  JSON.stringify(headers, (_, value: unknown) => {
    if (typeof value === 'string') return storableText(value);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [storableText(name), one]));
  });

const storableText = (text: string): string => text.toWellFormed().replaceAll('\u0000', '\u2400');
const storable = (text: string | null): string | null => (text === null ? null : storableText(text));
