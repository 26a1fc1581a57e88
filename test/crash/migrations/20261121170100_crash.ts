/** The fixture worker's own table. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'create table crash_handled (order_id uuid primary key, times integer not null, version bigint not null)',
  );
}

export async function down(): Promise<void> {
  throw new Error('migrations go forward only');
}
