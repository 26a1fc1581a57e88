/**
 * Who ordered, and where it goes, is sealed under a key of the order, and found by a digest of the address. What is plain already
 * stays so, and is found as before: new orders do not enter that index.
 */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';

/** Built beside the orders that go on being placed, which cannot be done in a transaction. */
export const config = { transaction: false };

/** A storefront gets at the keys of its own orders only, as at whatever else belongs to an order. */
const SECURED = [
  'storefronts_own on order_keys for select using ((select sees_all_storefronts()) or sees_order(order_id))',
  'stored_with_the_order on order_keys for insert with check (true)',
  'changed_by_warren on order_keys for update using ((select sees_all_storefronts()))',
  'deleted_by_warren on order_keys for delete using ((select sees_all_storefronts()))',
];

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table if not exists order_keys (order_id uuid primary key, sealed_key text not null);
    comment on table order_keys is 'opens the persons of an order wherever they stand; without its row nobody can';
  `);
  for (const policy of SECURED) {
    await knex.raw(`drop policy if exists ${policy.split(' ', 1)[0]} on order_keys; create policy ${policy}`);
  }
  await knex.raw('alter table order_keys enable row level security, force row level security');
  await besideOthers(knex, [
    'alter table orders add column if not exists customer_digest text, add column if not exists persons_erased_at timestamptz',
    // One that was cut short is left behind, and not used. To drop it any other way would stop the table's readers meanwhile.
    'drop index concurrently if exists orders_customer_id',
    'drop index concurrently if exists orders_plain_email_id',
    'create index concurrently orders_customer_id on orders (customer_digest, id) where customer_digest is not null',
    'create index concurrently orders_plain_email_id on orders (email, id) where email is not null',
    'drop index concurrently if exists orders_email_column_id',
  ]);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
