/** Messages that a replay means, a page at a time in the order of their ids, with what their actor has made of them so far. */
import type { Message } from '../messaging/message.js';
import type { Transaction } from './database.js';
import { STANDING } from './dead-letters.js';
import { OLDEST_INBOX } from './inbox.js';
import { type MessagePage, readMessagePage } from './message-page.js';
import type { Replay, ReplayWanted } from './replays.js';

/** What its actor has made of a message. */
interface Handling {
  /** The actor's inbox has it. */
  readonly handled: boolean;
  /** A dead letter of it stands at the actor. */
  readonly dead: boolean;
  /** The inbox of its day is dropped: who has handled it cannot be told. */
  readonly forgotten: boolean;
}

/** A message that may be replayed. */
export type Replayable = Message & Handling;

/** Messages of a page. */
const LIMIT = 200;

/** @param types that the actor takes and that are meant */
export function readReplayPage(
  database: Transaction,
  { id, actor, fromId, untilId, order, imported }: Pick<Replay, 'id' | keyof ReplayWanted>,
  { after, types }: { readonly after: string | null; readonly types: readonly string[] },
): Promise<MessagePage<Handling>> {
  return readMessagePage<Handling>(
    database,
    { fromId, untilId, order, after },
    {
      ...(imported ? { source: (bind) => `from replay_messages where replay_id = ${bind(id)}` } : {}),
      types: (bind) => `type = any(${bind(types)}::text[])`,
      also: (bind) => `${handling('log.id', bind(actor))}, coalesce(log.id < (${OLDEST_INBOX}), false) as forgotten`,
      limit: LIMIT,
    },
  );
}

/** Columns that tell what an actor has made of a message. */
const handling = (id: string, actor: string): string => `
  exists (select from inbox where inbox.actor = ${actor} and inbox.message_id = ${id}) as handled,
  exists (select from dead_letters as letter
          where letter.actor = ${actor} and letter.message_id = ${id}::text and ${STANDING}) as dead`;

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
    text: `select sent.id, ${handling('sent.id', '$1')} from unnest($2::uuid[]) as sent (id)`,
    values: [actor, ids],
  });
  return {
    inFlight: rows.filter(({ handled, dead }) => !handled && !dead).map(({ id }) => id),
    failed: rows.filter(({ handled, dead }) => !handled && dead).length,
  };
}
