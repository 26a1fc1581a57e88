/**
 * The first tables: the truth about orders, stock, payments, shipments, e-mails, and the messages between them. Where letters
 * are filed there is another index since, and `dead_letters_open` was left (to be dropped: 20261121100000).
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table storefronts (
      id uuid primary key,
      name text not null,
      key_hash bytea not null unique,
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    );

    create table products (
      sku text primary key,
      name text not null,
      price_amount bigint not null check (price_amount >= 0),
      currency text not null,
      updated_at timestamptz not null default now()
    );

    create table stock_levels (
      sku text primary key,
      on_hand bigint not null check (on_hand >= 0),
      reserved bigint not null check (reserved >= 0),
      shipped bigint not null check (shipped >= 0),
      version bigint not null
    ) with (fillfactor = 50);

    create table stock_movements (
      id uuid primary key,
      sku text not null,
      kind text not null check (kind in ('received', 'reserved', 'released', 'shipped')),
      quantity bigint not null check (quantity > 0),
      order_id uuid,
      reference text,
      occurred_at timestamptz not null default now()
    );
    create index stock_movements_sku on stock_movements (sku, id);
    create unique index stock_movements_once on stock_movements (order_id, sku, kind) where order_id is not null;

    create table reservations (
      order_id uuid primary key,
      status text not null check (status in ('reserved', 'failed', 'released', 'shipped')),
      lines jsonb not null,
      version bigint not null
    ) with (fillfactor = 70);

    create table orders (
      id uuid primary key,
      storefront_id uuid not null,
      reference text,
      customer jsonb not null,
      shipping_address jsonb not null,
      lines jsonb not null,
      total_amount bigint not null check (total_amount >= 0),
      currency text not null,
      placed_at timestamptz not null default now(),
      status text not null check (status in ('INITIATED', 'CONFIRMED', 'PAID', 'SHIPPED', 'CANCELLING', 'CANCELLED')),
      stock text not null,
      payment text not null,
      shipment text not null,
      cancel_reason text,
      version bigint not null
    ) with (fillfactor = 70);

    create table idempotency_keys (
      storefront_id uuid not null,
      key text not null,
      fingerprint bytea not null,
      order_id uuid not null,
      created_at timestamptz not null default now(),
      primary key (storefront_id, key)
    );

    create table payments (
      order_id uuid primary key,
      status text not null,
      amount bigint not null check (amount >= 0),
      currency text not null,
      token text,
      authorization_id text,
      reason text,
      version bigint not null
    ) with (fillfactor = 70);
    comment on column payments.token is 'from the intake until the provider has answered, then null';

    create table shipments (
      order_id uuid primary key,
      status text not null check (status in ('shipped', 'refused', 'cancelled')),
      carrier text,
      tracking_number text,
      reason text,
      version bigint not null
    ) with (fillfactor = 70);

    create table emails (
      id text primary key,
      recipient text not null,
      message_id text not null,
      sent_at timestamptz not null,
      version bigint not null
    );
    comment on column emails.id is '<order id>:<occasion>, occasion one of confirmed, shipped, cancelled';

    create table event_log (
      id uuid not null,
      type text not null,
      version integer not null,
      correlation_id uuid not null,
      causation_id uuid,
      producer text not null,
      occurred_at timestamptz not null,
      payload jsonb not null,
      primary key (id)
    ) partition by range (id);
    create index event_log_correlation on event_log (correlation_id);

    create table inbox (
      actor text not null,
      message_id uuid not null,
      primary key (message_id, actor)
    ) partition by range (message_id);

    create table event_log_default partition of event_log default;
    create table inbox_default partition of inbox default;

    create table outbox (
      id uuid primary key,
      leased_until timestamptz not null,
      attempts integer not null default 0
    ) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

    create table dead_letters (
      id uuid primary key,
      actor text not null,
      message_id text not null,
      type text,
      correlation_id text,
      body text not null,
      headers jsonb not null,
      road text not null check (road in ('runtime', 'broker')),
      error_code text not null,
      error_message text not null,
      stack text,
      attempts integer not null,
      release text,
      fingerprint text not null,
      status text not null default 'open' check (status in ('open', 'redriven', 'discarded')),
      occurrences integer not null default 1,
      first_at timestamptz not null default now(),
      last_at timestamptz not null default now()
    );
    create unique index dead_letters_open on dead_letters (actor, message_id) where status = 'open';
    create index dead_letters_correlation on dead_letters (correlation_id);

    -- A UUID v7 starts with the milliseconds since 1970 in 48 bits.
    create function uuid_v7_floor(at timestamptz) returns uuid language sql immutable strict as $$
      select (lpad(to_hex(floor(extract(epoch from at) * 1000)::bigint), 12, '0') || '00000000000000000000')::uuid
    $$;

    -- One partition a day of event_log and inbox, from yesterday on; existing ones are left alone.
    create function ensure_partitions(days_ahead integer) returns integer language plpgsql as $$
    declare
      day date;
      parent text;
      partition text;
      made integer := 0;
    begin
      perform pg_advisory_xact_lock(7267465);
      for day in select generate_series((now() at time zone 'utc')::date - 1, (now() at time zone 'utc')::date + days_ahead, interval '1 day')::date loop
        foreach parent in array array['inbox', 'event_log'] loop
          partition := parent || '_' || to_char(day, 'YYYYMMDD');
          if to_regclass(partition) is null then
            begin
              execute format('create table %I partition of %I for values from (%L) to (%L)', partition, parent,
                uuid_v7_floor(day::timestamp at time zone 'utc'), uuid_v7_floor((day + 1)::timestamp at time zone 'utc'));
              made := made + 1;
            exception when check_violation then
              -- Rows of that day stand in the default partition already, and stay there: slower, but nothing is lost.
              raise warning 'partition % is not made: rows of its day are in the default partition', partition;
            end;
          end if;
        end loop;
      end loop;
      return made;
    end
    $$;
    select ensure_partitions(14);
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
