/**
 * An order's e-mail address as a column of its own. Under row-level security PostgreSQL computes nothing out of a row before it
 * knows whether the row may be seen, and so the index by `lower(customer ->> 'email')` serves nobody any more. A trigger keeps
 * the column, whoever makes an order or changes its customer, the release before included.
 */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';
import { inParts } from '../shared/postgres/in-parts.js';

/** Built beside the orders that go on being placed, which cannot be done in a transaction. */
export const config = { transaction: false };

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table orders add column if not exists email text;
    create or replace function orders_keep_email() returns trigger language plpgsql as $$
    begin
      new.email := lower(new.customer ->> 'email');
      return new;
    end
    $$;
    create or replace trigger orders_keep_email before insert or update of customer on orders
      for each row execute function orders_keep_email();
  `);
  // Locked in the order of their ids, as the batches of actors lock them: two orders would wait for each other.
  await inParts(knex, { table: 'orders', key: 'id' }, (ids) =>
    knex.raw(
      `with plain as (select id from orders where id = any(?::uuid[]) and email is null order by id for no key update)
       update orders set email = lower(customer ->> 'email') from plain where orders.id = plain.id`,
      [ids],
    ),
  );
  await besideOthers(knex, [
    // One that was cut short is left behind, and not used. To drop it any other way would stop the table's readers meanwhile.
    'drop index concurrently if exists orders_email_column_id',
    'create index concurrently orders_email_column_id on orders (email, id)',
    'drop index concurrently if exists orders_email_id',
  ]);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
