/** Which providers are left alone, by which processes: noted when a circuit opens, so that whoever looks can say what an order waits for. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table provider_circuits (
      holder uuid not null,
      provider text not null,
      actors text[] not null,
      reason text,
      opened_at timestamptz not null default now(),
      next_try_at timestamptz not null,
      primary key (holder, provider)
    );
    comment on column provider_circuits.holder is 'drawn anew by every process; what a process that ended has left is believed for half a minute';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
