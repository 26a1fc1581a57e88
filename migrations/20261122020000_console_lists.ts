/**
 * What the console lists is in its indexes in the order in which it is shown: a customer with thousands of orders, or letters
 * behind thousands that are settled, are found without reading all of them. For each index of orders that comes one goes.
 */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';

/** Built beside the orders that go on being placed, which cannot be done in a transaction. */
export const config = { transaction: false };

export async function up(knex: Knex): Promise<void> {
  await besideOthers(knex, [
    // One that was cut short is left behind, and not used. To drop it any other way would stop the table's readers meanwhile.
    'drop index concurrently if exists orders_reference_id',
    'drop index concurrently if exists orders_email_id',
    'drop index concurrently if exists dead_letters_listed',
    'drop index concurrently if exists dead_letters_counted',
    'drop index concurrently if exists dead_letters_unhandled',
    'create index concurrently orders_reference_id on orders (reference, id) where reference is not null',
    `create index concurrently orders_email_id on orders (lower(customer ->> 'email'), id)`,
    'drop index concurrently if exists orders_reference',
    'drop index concurrently if exists orders_email',
    `create index concurrently dead_letters_listed on dead_letters (id)
     where status in ('open', 'held', 'redriving')`,
    `create index concurrently dead_letters_counted on dead_letters (actor, fingerprint, error_code, status)
     where status in ('open', 'held', 'redriving')`,
    // The lag of an actor leaves out what has such a letter: with 100,000 letters each look at each actor took 0.1 s.
    `create index concurrently dead_letters_unhandled on dead_letters (actor, message_id)
     where status <> 'redriven'`,
  ]);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
