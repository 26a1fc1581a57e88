/** The truth about duplicates: which actor has handled which message, claimed in the transaction of its effects. */
import type { Transaction } from './database.js';
import { STANDING } from './dead-letters.js';

export interface Claim {
  /** Ids that nobody had claimed before. */
  readonly fresh: ReadonlySet<string>;
  /** True when the actor has dead letters, behind which messages may have to wait. */
  readonly letters: boolean;
}

/** Claims the messages for the actor. */
export async function claimInbox(transaction: Transaction, actor: string, ids: readonly string[]): Promise<Claim> {
  const { rows } = await transaction.query<{ fresh: string[] | null; letters: boolean }>({
    name: 'inbox-claim',
    // Sorted, so that two batches with the same messages never wait for each other in a circle. As a rule all are fresh, and then
    // none is named.
    text: `with claimed as (
             insert into inbox (actor, message_id) select $1, id from unnest($2::uuid[]) as id order by id
             on conflict do nothing returning message_id
           )
           select case when count(*) < cardinality($2::uuid[]) then coalesce(array_agg(message_id), '{}') end as fresh,
                  exists (select from dead_letters where actor = $1 and ${STANDING}) as letters
           from claimed`,
    values: [actor, ids],
  });
  const [claim] = rows;
  if (claim === undefined) throw new Error('a count returned no row');
  return { fresh: new Set(claim.fresh ?? ids), letters: claim.letters };
}

/** Takes back claims of the same transaction, for messages that turned out not to be handled. */
export async function withdrawInbox(transaction: Transaction, actor: string, ids: readonly string[]): Promise<void> {
  await transaction.query({
    name: 'inbox-withdraw',
    text: 'delete from inbox where actor = $1 and message_id = any($2::uuid[])',
    values: [actor, ids],
  });
}

/**
 * The least id that the oldest daily partition of the inbox takes, as an expression. Of a message before it that the inbox does
 * not have, nobody can tell whether it was handled.
 */
export const OLDEST_INBOX = `select uuid_v7_floor(min(to_date(right(child.relname, 8), 'YYYYMMDD'))::timestamp at time zone 'utc')
  from pg_inherits join pg_class as child on child.oid = inhrelid
  where inhparent = 'inbox'::regclass and child.relname ~ '^inbox_[0-9]{8}$'`;
