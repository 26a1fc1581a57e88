/**
 * Products and stock, which were one catalogue, become each a storefront's. A piece is the storefront's that booked it in, and what
 * an order took is its storefront's. Where the orders of one have taken more than it booked in, because it sold what others had
 * received, the missing pieces count as received by it and no longer by those who have most left. A product goes to whoever has
 * booked or sold it, under its name and price; one that nobody has, to every storefront.
 */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';
import { inParts } from '../shared/postgres/in-parts.js';
import { lockFromReaders } from '../shared/postgres/lock-from-readers.js';

/** In several steps, each of which can be done again: what is long goes on beside others, and nobody is refused before `levels`. */
export const config = { transaction: false };

const OLDEST = '(select id from storefronts order by created_at, id limit 1)';

const SHORT = 'more pieces of % have left than ever came in; see what the audit says of it';

/** Each SKU's pieces, whosever they are, suffice for what has left: then what one lacks others have. */
const REFUSE_SHORTAGES = `
  do $$
  declare
    short text;
  begin
    select sku into short from stock_movements group by sku
    having sum(case kind when 'reserved' then -quantity when 'shipped' then 0 else quantity end) < 0 order by sku limit 1;
    if found then
      raise exception '${SHORT}', short;
    end if;
  end $$`;

/**
 * Movements never change, so most of them are given away before anybody has to wait, and what came meanwhile under the lock.
 * What no storefront's receipt or order accounts for is the oldest storefront's.
 */
const GIVE_MOVEMENTS = `
  update stock_movements as moved set storefront_id = coalesce(
    (select storefront_id from orders where orders.id = moved.order_id),
    (select storefront_id from stock_receipts where movement_id = moved.id),
    ${OLDEST})
  where storefront_id is null`;

export async function up(knex: Knex): Promise<void> {
  await besideOthers(knex, [REFUSE_SHORTAGES]);
  for (const table of ['products', 'stock_levels', 'stock_movements', 'reservations'])
    await knex.raw(`${lockFromReaders(table)} alter table ${table} add column if not exists storefront_id uuid`);
  await knex.raw(`
    comment on column reservations.storefront_id is 'whose stock is set aside; not known of reservations that ended before it was asked';
    create or replace function refuse_stock_of_nobody() returns trigger language plpgsql as $$
    begin
      raise exception 'stock is a storefront''s, and this release does not say whose it means' using errcode = 'cannot_connect_now';
    end $$;
    comment on function refuse_stock_of_nobody is 'for the release before, which waits until it is replaced; to be dropped with its triggers';
  `);
  // For one migration only, and not among what is kept: found by its order or, where it has none, by its receipt.
  await besideOthers(knex, [
    'drop index concurrently if exists stock_receipts_movement',
    'create index concurrently stock_receipts_movement on stock_receipts (movement_id)',
  ]);
  await inParts(knex, { table: 'stock_movements', key: 'id' }, (ids) =>
    knex.raw(`${GIVE_MOVEMENTS} and id = any(?::uuid[])`, [ids]),
  );
  await levels(knex);
  await products(knex);
  await movements(knex);
  for (const table of ['products', 'stock_levels', 'stock_movements']) await secure(knex, table);
}

/**
 * Nobody else moves stock meanwhile: who does has a level first, and these tables are locked in the order of inventory. Who only
 * looks goes on looking until the end. Inventory of the release before is refused from the commit on, and not where this fails.
 */
async function levels(knex: Knex): Promise<void> {
  await knex.raw(`
    lock table stock_levels in exclusive mode;
    lock table stock_movements in share row exclusive mode;
    set local statement_timeout = '10min';
    ${GIVE_MOVEMENTS};
    -- Made by hand: no release wrote a product without its level.
    insert into stock_levels (sku, on_hand, reserved, shipped, version)
    select sku, 0, 0, 0, 1 from products
    where storefront_id is null and not exists (select from stock_levels as level where level.sku = products.sku);

    create temporary view shares as
      select storefront_id, sku, received - reserved - shipped as on_hand, reserved, shipped, received
      from (
        select storefront_id, sku,
          coalesce(sum(quantity) filter (where kind = 'received'), 0)::bigint as received,
          (coalesce(sum(quantity) filter (where kind = 'reserved'), 0)
            - coalesce(sum(quantity) filter (where kind in ('released', 'shipped')), 0))::bigint as reserved,
          coalesce(sum(quantity) filter (where kind = 'shipped'), 0)::bigint as shipped
        from stock_movements group by storefront_id, sku
      ) as moved;

    do $$
    declare
      lack record;
      missing bigint;
      receipt record;
    begin
      for lack in select * from shares where on_hand < 0 order by sku, storefront_id loop
        missing := -lack.on_hand;
        while missing > 0 loop
          select moved.*, least(missing, giver.on_hand, moved.quantity) as given into receipt
          from shares as giver join stock_movements as moved using (storefront_id, sku)
          where giver.sku = lack.sku and giver.on_hand > 0 and moved.kind = 'received'
          order by giver.on_hand desc, giver.storefront_id, moved.id desc limit 1;
          if not found then
            raise exception '${SHORT}', lack.sku;
          end if;
          if receipt.given = receipt.quantity then
            update stock_movements set storefront_id = lack.storefront_id where id = receipt.id;
          else
            update stock_movements set quantity = quantity - receipt.given where id = receipt.id;
            insert into stock_movements (id, storefront_id, sku, kind, quantity, reference, occurred_at)
            values (gen_random_uuid(), lack.storefront_id, lack.sku, 'received', receipt.given, receipt.reference, receipt.occurred_at);
          end if;
          missing := missing - receipt.given;
        end loop;
      end loop;
    end $$;

    create temporary table parts as
      select shares.*, row_number() over (partition by sku order by shares.received desc, shares.storefront_id) > 1 as leaves
      from shares join stock_levels using (sku) where stock_levels.storefront_id is null;

    create or replace trigger refuse_stock_of_nobody before insert on stock_movements
      for each row when (new.storefront_id is null) execute function refuse_stock_of_nobody();
    -- Reservations are made by whoever has the levels. One that has ended moves no stock any more.
    lock table reservations in share row exclusive mode;
    create or replace trigger refuse_stock_of_nobody before insert on reservations
      for each row when (new.storefront_id is null and new.status <> 'released') execute function refuse_stock_of_nobody();
    update reservations set storefront_id = orders.storefront_id from orders
    where orders.id = reservations.order_id and reservations.status = 'reserved' and reservations.storefront_id is null;

    ${lockFromReaders('stock_levels')}
    -- A level stays with one of its storefronts, less what the others have of it: so nothing is lost or doubled.
    alter table stock_levels drop constraint if exists stock_levels_pkey;
    update stock_levels as level set storefront_id = stays.storefront_id,
      on_hand = level.on_hand - coalesce(gone.on_hand, 0), reserved = level.reserved - coalesce(gone.reserved, 0),
      shipped = level.shipped - coalesce(gone.shipped, 0), version = version + 1
    from parts as stays left join (
      select sku, sum(on_hand) as on_hand, sum(reserved) as reserved, sum(shipped) as shipped from parts where leaves group by sku
    ) as gone using (sku)
    where stays.sku = level.sku and not stays.leaves and level.storefront_id is null;
    insert into stock_levels (storefront_id, sku, on_hand, reserved, shipped, version)
    select storefront_id, sku, on_hand, reserved, shipped, 1 from parts where leaves;
    -- What nobody has booked or sold.
    insert into stock_levels (storefront_id, sku, on_hand, reserved, shipped, version)
    select storefronts.id, sku, 0, 0, 0, 1 from stock_levels, storefronts
    where storefront_id is null and storefronts.id <> ${OLDEST};
    update stock_levels set storefront_id = ${OLDEST} where storefront_id is null;
    drop table parts;
    drop view shares;

    alter table stock_levels add primary key (storefront_id, sku);
    alter table stock_levels add column if not exists id text not null unique
      generated always as (storefront_id::text || '/' || sku) stored;
    comment on column stock_levels.id is 'the key of its state, which inventory loads many of by one column';
  `);
}

/** Whoever has a level has the product. */
async function products(knex: Knex): Promise<void> {
  await knex.raw(`
    ${lockFromReaders('products')}
    alter table products drop constraint if exists products_pkey;
    insert into products (storefront_id, sku, name, price_amount, currency, updated_at)
    select level.storefront_id, sku, name, price_amount, currency, updated_at
    from products join stock_levels as level using (sku) where products.storefront_id is null;
    delete from products where storefront_id is null;
    alter table products add primary key (storefront_id, sku);
  `);
}

async function movements(knex: Knex): Promise<void> {
  const alone = lockFromReaders('stock_movements');
  await knex.raw(`
    ${alone}
    alter table stock_movements drop constraint if exists stock_movements_of_storefront;
    alter table stock_movements add constraint stock_movements_of_storefront check (storefront_id is not null) not valid;
  `);
  await besideOthers(knex, ['alter table stock_movements validate constraint stock_movements_of_storefront']);
  // It was looked at row by row just now, beside others.
  await knex.raw(`
    ${alone}
    alter table stock_movements alter column storefront_id set not null;
    alter table stock_movements drop constraint stock_movements_of_storefront;
  `);
  await besideOthers(knex, [
    // Nobody asks for the movements of a SKU, of which each order has several; the audit reads all of them.
    'drop index concurrently if exists stock_movements_sku',
    'drop index concurrently if exists stock_receipts_movement',
  ]);
}

async function secure(knex: Knex, table: string): Promise<void> {
  const seen = '(select sees_all_storefronts()) or storefront_id = any ((select seen_storefronts())::uuid[])';
  await knex.raw(`
    ${lockFromReaders(table)}
    drop policy if exists storefronts_own on ${table};
    create policy storefronts_own on ${table} using (${seen}) with check (${seen});
    alter table ${table} enable row level security, force row level security;
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
