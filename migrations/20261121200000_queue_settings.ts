/** What operators set for an actor's queue: a pause, a prefetch. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table queue_settings (
      actor text primary key,
      paused_at timestamptz,
      paused_by text,
      pause_reason text,
      prefetch integer check (prefetch between 1 and 65535),
      constraint queue_settings_pause check (num_nulls(paused_at, paused_by, pause_reason) in (0, 3))
    );
    comment on column queue_settings.prefetch is 'null: as the process itself has it, by its code or its environment';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
