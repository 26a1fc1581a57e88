/** Operators: whoever looks after the fleet, by a key of their own, and what each of them changed and why. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table operators (
      id uuid primary key,
      name text not null,
      role text not null check (role in ('viewer', 'operator')),
      key_hash bytea not null unique,
      key_prefix text not null,
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    );
    create unique index operators_name on operators (name) where revoked_at is null;
    comment on column operators.key_prefix is 'the first characters of the key, to tell keys apart by';

    create table operator_actions (
      id uuid primary key,
      operator_id uuid not null,
      operator_name text not null,
      action text not null,
      thing text not null,
      thing_id text,
      reason text,
      details jsonb,
      made_at timestamptz not null default now()
    );
    create index operator_actions_thing on operator_actions (thing, thing_id, id);
    comment on column operator_actions.thing_id is 'null where a filter said which; it stands in the details';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
