/** Sessions of operators at the console: each begins with a key and ends by itself. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table operator_sessions (
      token_hash bytea primary key,
      operator_id uuid not null,
      made_at timestamptz not null default now(),
      expires_at timestamptz not null
    );
    create index operator_sessions_expires on operator_sessions (expires_at);
    comment on column operator_sessions.token_hash is 'SHA-256 of the cookie, which only the browser has';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
