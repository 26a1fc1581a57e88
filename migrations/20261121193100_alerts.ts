/** Alerts outlive the scheduler that raised them: one that starts again neither forgets nor repeats them. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table alerts (
      key text primary key,
      alert jsonb not null
    );

    create table alert_turn (
      single boolean primary key default true check (single),
      holder uuid not null,
      held_until timestamptz not null
    );
    comment on table alert_turn is 'which of several schedulers looks after the alerts';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
