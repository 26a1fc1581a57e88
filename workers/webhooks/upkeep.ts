/** What every process of webhooks does from time to time, whoever else does it: tells how things stand, forgets what is old. */
import type { Database } from '../../shared/postgres/database.js';
import { notify } from '../../shared/postgres/notices.js';
import { webhookEndpoints, webhookOldestDueSeconds, webhooksForgotten } from './metrics.js';

const ROWS_AT_ONCE = 5000;
/** A delivery is late that is overdue by so much: whoever answers is told within seconds. */
const LATE_AFTER_S = 600;
/** What cannot be sent is told after so long, in seconds: while keys are rotated a process may lack one for a moment. */
const STUCK_AFTER_S = 120;
/** Operators are told of an endpoint for so long: by then its storefront knows, or does not mind. */
const NEWS_FOR_DAYS = 3;

const STATES = ['healthy', 'failing', 'disabled', 'gone', 'given-up'] as const;

/** Shows endpoints and delay as metrics, and tells operators of what was disabled and not by its storefront. */
export async function report(database: Database): Promise<void> {
  const { rows } = await database.query<{
    state: (typeof STATES)[number];
    count: number;
    lately: number;
    stuck: number;
  }>({
    name: 'webhook-endpoints-count',
    text: `select case when disabled_why = 'storefront' then 'disabled' when disabled_why = 'gone' then 'gone'
                       when disabled_why = 'failing' then 'given-up' when failing_since is not null then 'failing'
                       else 'healthy' end as state,
             count(*) as count,
             count(*) filter (where disabled_why = 'failing' and disabled_at > now() - $1::integer * interval '1 day') as lately,
             count(*) filter (where disabled_at is null and stuck_since < now() - $2::integer * interval '1 second') as stuck
           from webhook_endpoints where deleted_at is null group by 1`,
    values: [NEWS_FOR_DAYS, STUCK_AFTER_S],
  });
  for (const state of STATES) webhookEndpoints.set({ state }, rows.find((row) => row.state === state)?.count ?? 0);
  const { oldestS, late } = await overdue(database);
  webhookOldestDueSeconds.set(oldestS);
  const lately = rows.reduce((sum, row) => sum + row.lately, 0);
  await notify(database, {
    worker: 'webhooks',
    subject: 'endpoints',
    level: lately,
    summary: `${lately} endpoint${lately === 1 ? ' has' : 's have'} failed for so long that no webhooks go there any more`,
  });
  await notify(database, {
    worker: 'webhooks',
    subject: 'late',
    level: late,
    summary: `${late} endpoint${late === 1 ? ' that answers has' : 's that answer have'} webhooks waiting for more than ${LATE_AFTER_S / 60} minutes`,
  });
  const stuck = rows.reduce((sum, row) => sum + row.stuck, 0);
  await notify(database, {
    worker: 'webhooks',
    subject: 'stuck',
    level: stuck,
    summary: `nothing can be sent to ${stuck} endpoint${stuck === 1 ? '' : 's'}: the log says why, most likely a key is missing in ENCRYPTION_KEYS`,
  });
}

/** By index, an endpoint at a time: a storefront's backlog may be long. */
async function overdue(database: Database): Promise<{ readonly oldestS: number; readonly late: number }> {
  const { rows } = await database.query<{ oldest: number; late: number }>({
    name: 'webhooks-overdue',
    text: `select coalesce(extract(epoch from max(now() - oldest.due_at)), 0)::float8 as oldest,
             count(*) filter (where not endpoint.ailing and oldest.due_at < now() - $1::integer * interval '1 second') as late
           from webhook_endpoints as endpoint cross join lateral (
             select due_at from webhook_deliveries as delivery
             where delivery.endpoint_id = endpoint.id and delivery.status = 'pending' and delivery.due_at <= now()
             order by due_at limit 1
           ) as oldest
           where endpoint.disabled_at is null and endpoint.deleted_at is null`,
    values: [LATE_AFTER_S],
  });
  return { oldestS: rows[0]?.oldest ?? 0, late: rows[0]?.late ?? 0 };
}

/** What was forgotten. */
export interface Forgotten {
  readonly deliveries: number;
  /** Of them, those that had not been made: their endpoint was disabled all the time, or nothing could be sent to it. */
  readonly pending: number;
}

/** Forgets deliveries made so many days ago and all of deleted endpoints, some at a time, and what endpoints were stuck with. */
export async function forget(database: Database, keepDays: number): Promise<Forgotten> {
  const { rows: old } = await database.query<{ status: string }>({
    text: `delete from webhook_deliveries where id = any(array(
             select id from webhook_deliveries where id < uuid_v7_floor(now() - $1::integer * interval '1 day')
             order by id limit $2 for update skip locked)) returning status`,
    values: [keepDays, ROWS_AT_ONCE],
  });
  const { rowCount: orphaned } = await database.query({
    text: `delete from webhook_deliveries where id = any(array(
             select delivery.id from webhook_endpoints as endpoint
             join webhook_deliveries as delivery on delivery.endpoint_id = endpoint.id
             where endpoint.deleted_at is not null limit $1 for update of delivery skip locked))`,
    values: [ROWS_AT_ONCE],
  });
  await database.query({
    text: `delete from webhook_endpoints as endpoint where deleted_at is not null
             and not exists (select from webhook_deliveries where endpoint_id = endpoint.id)`,
  });
  // What it was stuck with is gone, and with it what would show that it is so no more.
  await database.query({
    text: `update webhook_endpoints set stuck_since = null where id in (
             select id from webhook_endpoints as endpoint where stuck_since is not null
               and not exists (select from webhook_deliveries where endpoint_id = endpoint.id and status = 'pending')
             order by id for no key update)`,
  });
  const pending = old.filter(({ status }) => status === 'pending').length;
  if (pending > 0) webhooksForgotten.inc(pending);
  return { deliveries: old.length + orphaned, pending };
}
