-- The same truth as Warren's, one row a thing: what both peers store of orders, and of the messages between their workers.
create table storefronts (
  id uuid primary key,
  key_hash bytea not null unique
);

create table products (
  sku text primary key,
  price_amount bigint not null check (price_amount >= 0),
  currency text not null
);

create table stock (
  sku text primary key,
  on_hand bigint not null check (on_hand >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  shipped bigint not null default 0 check (shipped >= 0)
) with (fillfactor = 50);

create table stock_movements (
  id uuid primary key,
  sku text not null,
  kind text not null check (kind in ('received', 'reserved', 'released', 'shipped')),
  quantity bigint not null check (quantity > 0),
  order_id uuid,
  occurred_at timestamptz not null default now()
);
create unique index stock_movements_once on stock_movements (order_id, sku, kind) where order_id is not null;

-- What became of an order's stock; a row also for one that was cancelled before anything was set aside.
create table reservations (
  order_id uuid primary key,
  status text not null check (status in ('reserved', 'failed', 'released', 'shipped'))
) with (fillfactor = 70);

create table orders (
  id uuid primary key,
  storefront_id uuid not null,
  reference text,
  customer jsonb not null,
  shipping_address jsonb not null,
  total_amount bigint not null check (total_amount >= 0),
  currency text not null,
  placed_at timestamptz not null default now(),
  status text not null check (status in ('INITIATED', 'CONFIRMED', 'PAID', 'SHIPPED', 'CANCELLING', 'CANCELLED')),
  stock text not null default 'pending',
  payment text not null default 'pending',
  cancel_reason text
) with (fillfactor = 70);

create table order_lines (
  order_id uuid not null,
  sku text not null,
  quantity integer not null check (quantity > 0),
  unit_price bigint not null check (unit_price >= 0),
  primary key (order_id, sku)
);

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
  status text not null check (status in ('requested', 'authorized', 'declined', 'captured', 'voided')),
  amount bigint not null check (amount >= 0),
  currency text not null,
  token text,
  authorization_id text,
  reason text
) with (fillfactor = 70);

create table shipments (
  order_id uuid primary key,
  carrier text not null,
  tracking_number text not null
);

create table emails (
  order_id uuid not null,
  occasion text not null check (occasion in ('confirmed', 'shipped', 'cancelled')),
  recipient text not null,
  message_id text not null,
  sent_at timestamptz not null default now(),
  primary key (order_id, occasion)
);

create table event_log (
  id uuid primary key,
  type text not null,
  correlation_id uuid not null,
  causation_id uuid,
  producer text not null,
  occurred_at timestamptz not null,
  payload jsonb not null
);
create index event_log_correlation on event_log (correlation_id);

create table inbox (
  message_id uuid not null,
  actor text not null,
  primary key (message_id, actor)
);

create table outbox (
  id uuid primary key,
  leased_until timestamptz not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
