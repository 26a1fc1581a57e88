/**
 * References and customers are found among the orders of their storefront: by the indexes before, one storefront read past whatever
 * another has of the same. In the place of those, so that placing an order costs no more; the value leads, since operators ask for it alone.
 */
import type { Knex } from 'knex';
import { besideOthers } from '../shared/postgres/beside-others.js';

/** Built beside the orders that go on being placed, which cannot be done in a transaction. */
export const config = { transaction: false };

const INDEXES = { reference: 'reference', customer: 'customer_digest', plain_email: 'email' };

export async function up(knex: Knex): Promise<void> {
  for (const [name, column] of Object.entries(INDEXES)) {
    await besideOthers(knex, [
      // One that was cut short is left behind, and not used. To drop it any other way would stop the table's readers meanwhile.
      `drop index concurrently if exists orders_${name}_of_storefront`,
      `create index concurrently orders_${name}_of_storefront on orders (${column}, storefront_id, id) where ${column} is not null`,
      `drop index concurrently if exists orders_${name}_id`,
    ]);
  }
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
