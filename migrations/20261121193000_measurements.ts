/** How far the fleet's measurements have looked, and what its last audit found: both outlive the process that measures. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table measured_positions (
      name text primary key,
      position uuid not null
    ) with (fillfactor = 50);
    comment on column measured_positions.position is 'messages of the event log with a lower id are done with';

    create table audit_results (
      invariant integer primary key,
      checked bigint not null,
      violations bigint not null,
      audited_at timestamptz not null default now()
    );
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
