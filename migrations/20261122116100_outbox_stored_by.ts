/**
 * A row of the outbox says which role has stored it: what a process' own role may take out is what it has put in. The number of
 * the role and not its name, so that a dump is restored also where roles have other names; it fills what was padding.
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'alter table outbox add column if not exists stored_by oid not null default quote_ident(current_user)::regrole::oid',
  );
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
