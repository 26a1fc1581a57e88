/**
 * Payment tokens are sealed. They get a column of their own: payment of the previous release, which still runs, would send a
 * sealed one to the provider as if it were a token.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table payments add column if not exists sealed_token text;
    comment on column payments.sealed_token is 'from the intake until the provider has answered, then null: <id of the key>.<sealed>';
    comment on column payments.token is 'as the release before sealed tokens wrote it; to be dropped by a later one';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
