/** What every process of webhooks does from time to time, whoever else does it: tells how things stand, forgets what is old. */
import type { Database } from '../../shared/postgres/database.js';
import { notify } from '../../shared/postgres/notices.js';
import { webhookEndpoints, webhookOldestDueSeconds } from './metrics.js';

const ROWS_AT_ONCE = 5000;
/** Operators are told of an endpoint for so long: by then its storefront knows, or does not mind. */
const NEWS_FOR_DAYS = 3;

const STATES = ['healthy', 'failing', 'disabled', 'gone', 'given-up'] as const;

/** Shows endpoints and delay as metrics, and tells operators of what was disabled and not by its storefront. */
export async function report(database: Database): Promise<void> {
  const { rows } = await database.query<{ state: (typeof STATES)[number]; count: number; lately: number }>({
    name: 'webhook-endpoints-count',
    text: `select case when disabled_why = 'storefront' then 'disabled' when disabled_why = 'gone' then 'gone'
                       when disabled_why = 'failing' then 'given-up' when failing_since is not null then 'failing'
                       else 'healthy' end as state,
             count(*) as count,
             count(*) filter (where disabled_why = 'failing' and disabled_at > now() - $1::integer * interval '1 day') as lately
           from webhook_endpoints where deleted_at is null group by 1`,
    values: [NEWS_FOR_DAYS],
  });
  for (const state of STATES) webhookEndpoints.set({ state }, rows.find((row) => row.state === state)?.count ?? 0);
  webhookOldestDueSeconds.set(await oldestDueSeconds(database));
  const lately = rows.reduce((sum, row) => sum + row.lately, 0);
  await notify(database, {
    worker: 'webhooks',
    subject: 'endpoints',
    level: lately,
    summary: `${lately} endpoint${lately === 1 ? ' has' : 's have'} failed for so long that no webhooks go there any more`,
  });
}

/** By index, an endpoint at a time: a storefront's backlog may be long. */
async function oldestDueSeconds(database: Database): Promise<number> {
  const { rows } = await database.query<{ late: number }>({
    name: 'webhook-oldest-due',
    text: `select coalesce(extract(epoch from max(now() - oldest.due_at)), 0)::float8 as late
           from webhook_endpoints as endpoint cross join lateral (
             select due_at from webhook_deliveries as delivery
             where delivery.endpoint_id = endpoint.id and delivery.status = 'pending' and delivery.due_at <= now()
             order by due_at limit 1
           ) as oldest
           where endpoint.disabled_at is null and endpoint.deleted_at is null`,
  });
  return rows[0]?.late ?? 0;
}

/** Forgets deliveries made so many days ago and all of deleted endpoints, some at a time. Returns how many. */
export async function forget(database: Database, keepDays: number): Promise<number> {
  const { rowCount: old } = await database.query({
    text: `delete from webhook_deliveries where id = any(array(
             select id from webhook_deliveries where id < uuid_v7_floor(now() - $1::integer * interval '1 day')
             order by id limit $2 for update skip locked))`,
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
  return old + orphaned;
}
