/** Since when nothing can be sent to an endpoint for a reason of ours, such as a key that is missing: operators are told of it. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table webhook_endpoints add column if not exists stuck_since timestamptz');
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
