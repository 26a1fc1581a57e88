/** Where storefronts want to be told of their orders, and every delivery of it. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table webhook_endpoints (
      id uuid primary key,
      storefront_id uuid not null,
      url text not null,
      description text,
      types text[] not null,
      sealed_secret text,
      sealed_previous_secret text,
      previous_until timestamptz,
      created_at timestamptz not null default now(),
      disabled_at timestamptz,
      disabled_why text check (disabled_why in ('storefront', 'gone', 'failing')),
      failing_since timestamptz,
      ailing boolean not null default false,
      deleted_at timestamptz,
      check (sealed_secret is not null or deleted_at is not null),
      check ((disabled_at is null) = (disabled_why is null))
    ) with (fillfactor = 70);
    create index webhook_endpoints_storefront on webhook_endpoints (storefront_id, id) where deleted_at is null;
    comment on column webhook_endpoints.types is 'what it wants to be told; none means everything';
    comment on column webhook_endpoints.ailing is 'its last attempt failed or was slow: it has fewer attempts at once';

    create table webhook_events (
      id uuid primary key,
      message_id uuid not null,
      order_id uuid not null,
      type text not null,
      status text not null,
      reason text
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);
    comment on table webhook_events is 'what was decided and not yet spread to the endpoints; rows stay a second';

    create table webhook_deliveries (
      id uuid primary key,
      endpoint_id uuid not null references webhook_endpoints,
      storefront_id uuid not null,
      webhook_id text not null,
      type text not null,
      order_id uuid,
      body text not null,
      status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
      attempts integer not null default 0,
      due_at timestamptz not null default now(),
      claim uuid,
      log jsonb not null default '[]',
      created_at timestamptz not null default now(),
      settled_at timestamptz
    ) with (fillfactor = 70);
    create unique index webhook_deliveries_once on webhook_deliveries (endpoint_id, webhook_id);
    create index webhook_deliveries_due on webhook_deliveries (endpoint_id, due_at) where status = 'pending';
    create index webhook_deliveries_claimed on webhook_deliveries (endpoint_id) where claim is not null;
    create index webhook_deliveries_storefront on webhook_deliveries (storefront_id, id);
    create index webhook_deliveries_endpoint on webhook_deliveries (endpoint_id, id);
    comment on column webhook_deliveries.attempts is 'begun since it was made or last replayed';
    comment on column webhook_deliveries.due_at is 'when the next attempt is due; while a process makes one, when it has died';
  `);
  // A storefront sees its own alone, as of the tables in migrations/20261122111000_rows_of_storefronts.ts.
  for (const table of ['webhook_endpoints', 'webhook_deliveries']) {
    const seen = '(select sees_all_storefronts()) or storefront_id = any ((select seen_storefronts())::uuid[])';
    await knex.raw(`
      create policy storefronts_own on ${table} using (${seen}) with check (${seen});
      alter table ${table} enable row level security, force row level security;
    `);
  }
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
