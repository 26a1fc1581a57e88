/** The remedy for messages that the broker has lost, as the README tells it ("Looking after it"). */
import { listenersOfFleet } from '../../audit/listeners.js';
import type { Database } from '../../shared/postgres/database.js';
import { until } from '../support/until.js';

/** relay looks every second, and after as long as a lease at what others had begun to send. */
const SENT_WITHIN_MS = 120_000;

/** When the oldest message was published that somebody has not handled yet: what a lost queue can have held is not older. */
export async function oldestUnhandled(database: Database): Promise<Date> {
  const bound = (await listenersOfFleet()).flatMap(({ actor, types }) => types.map((type) => ({ actor, type })));
  const { rows } = await database.query<{ oldest: Date }>({
    text: `select coalesce(min(occurred_at), now()) as oldest
           from event_log as log join unnest($1::text[], $2::text[]) as bound (actor, type) on bound.type = log.type
           where not exists (select from inbox where message_id = log.id and inbox.actor = bound.actor)`,
    values: [bound.map(({ actor }) => actor), bound.map(({ type }) => type)],
  });
  return rows[0]?.oldest ?? new Date();
}

/**
 * relay sends them again, and whoever has handled one takes it for a duplicate. What stands in the outbox may have been sent
 * before the queue was back, and be forgotten any moment: it is put back once it is gone.
 */
export async function putBackIntoTheOutbox(database: Database, since: Date): Promise<void> {
  const standing = await idsIn(database, 'select id from outbox');
  await database.query({
    text: 'insert into outbox (id, leased_until) select id, now() from event_log where occurred_at >= $1 on conflict do nothing',
    values: [since],
  });
  await until(
    'what stood in the outbox is sent',
    async () => (await idsIn(database, 'select id from outbox where id = any($1)', standing)).length === 0,
    SENT_WITHIN_MS,
  );
  await database.query({
    text: 'insert into outbox (id, leased_until) select id, now() from unnest($1::uuid[]) as id on conflict do nothing',
    values: [standing],
  });
}

async function idsIn(database: Database, text: string, ...values: readonly unknown[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>({ text, values });
  return rows.map(({ id }) => id);
}
