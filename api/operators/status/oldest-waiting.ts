/** How long the oldest message that an actor has not handled has waited, in milliseconds, by actor. */
import type { Database } from '../../../shared/postgres/database.js';

/** The newest messages that are looked at: what waits behind more than these waits longer than is told. */
const LOOKED_AT = 20_000;
/** What was said just now is on its way. */
const ON_ITS_WAY_MS = 1000;

export type OldestWaiting = ReadonlyMap<string, number>;

/** @param bindings which actor handles what; a dead letter waits for somebody, not for its actor */
export async function oldestWaiting(
  database: Database,
  bindings: readonly { readonly actor: string; readonly type: string }[],
): Promise<OldestWaiting> {
  const { rows } = await database.query<{ actor: string; oldest_ms: number }>({
    text: `with newest as materialized (
             select id, type, occurred_at from event_log order by id desc limit ${LOOKED_AT}
           ), unhandled as (
             select binding.actor, newest.id, newest.occurred_at
             from newest join unnest($1::text[], $2::text[]) as binding (actor, type) on binding.type = newest.type
             where newest.occurred_at < now() - interval '${ON_ITS_WAY_MS} milliseconds'
               and not exists (select from inbox where inbox.message_id = newest.id and inbox.actor = binding.actor)
           )
           select actor, (extract(epoch from now() - min(occurred_at)) * 1000)::float8 as oldest_ms from unhandled
           where not exists (select from dead_letters where dead_letters.actor = unhandled.actor
                               and dead_letters.message_id = unhandled.id::text and status in ('open', 'held', 'redriving'))
           group by actor`,
    values: [bindings.map(({ actor }) => actor), bindings.map(({ type }) => type)],
  });
  return new Map(rows.map(({ actor, oldest_ms }) => [actor, Math.round(oldest_ms)]));
}
