/** What a worker has to tell operators: the scheduler makes alerts of it, without knowing the worker. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table notices (
      worker text not null,
      subject text not null,
      level integer not null check (level >= 0),
      summary text not null,
      noted_at timestamptz not null default now(),
      primary key (worker, subject)
    );
    comment on column notices.level is 'how many things somebody has to look at; 0 when all is well';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
