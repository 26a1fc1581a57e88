/** Which processes of the fleet live, and how they do. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // Unlogged: nobody waits for the log to reach the disk, and after a crash of the server every process notes itself anew.
  await knex.raw(`
    create unlogged table instances (
      id uuid primary key,
      kind text not null,
      host text not null,
      pid integer not null,
      release text not null,
      started_at timestamptz not null,
      seen_at timestamptz not null default now(),
      loop_delay_ms real not null,
      actors jsonb not null
    ) with (fillfactor = 50);
    comment on table instances is 'a row for each process of the fleet, noted every five seconds';
    comment on column instances.id is 'drawn anew by every process';
    comment on column instances.kind is 'the workers it runs, or web';
    comment on column instances.loop_delay_ms is 'p99 of how late its event loop was since it was last noted';
    comment on column instances.actors is 'by name: messages in flight, handled since the start, and handled a second since it was last noted';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
