/** A storefront lists its own orders, the newest first. Neither column ever changes, so the updates of an order touch no index more. */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';

/** Built beside the orders that go on being placed, which cannot be done in a transaction. */
export const config = { transaction: false };

export async function up(knex: Knex): Promise<void> {
  await besideOthers(knex, [
    // One that was cut short is left behind, and not used. To drop it any other way would stop the table's readers meanwhile.
    'drop index concurrently if exists orders_of_storefront',
    'create index concurrently orders_of_storefront on orders (storefront_id, id)',
  ]);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
