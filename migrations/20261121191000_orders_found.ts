/** Orders are found by reference and e-mail address. Neither ever changes, so the updates of an order touch no index more. */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';

/** Built beside the orders that go on being placed, which cannot be done in a transaction. */
export const config = { transaction: false };

export async function up(knex: Knex): Promise<void> {
  await besideOthers(knex, [
    // One that was cut short is left behind, and not used. To drop it any other way would stop the table's readers meanwhile.
    'drop index concurrently if exists orders_reference',
    'drop index concurrently if exists orders_email',
    'create index concurrently orders_reference on orders (reference) where reference is not null',
    `create index concurrently orders_email on orders (lower(customer ->> 'email'))`,
  ]);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
