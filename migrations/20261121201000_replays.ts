/** Replays: messages of the event log, or of a file, that are sent to one actor once more, and how far each replay is. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table replays (
      id uuid primary key,
      actor text not null,
      from_id uuid not null,
      until_id uuid not null,
      types text,
      order_id uuid,
      effects boolean not null,
      imported boolean not null,
      per_second integer not null check (per_second > 0),
      status text not null
        check (status in ('importing', 'rehearsing', 'rehearsed', 'running', 'paused', 'finished', 'cancelled')),
      rehearsal jsonb,
      position uuid,
      sent bigint not null default 0,
      skipped bigint not null default 0,
      effects_off bigint not null default 0,
      refused bigint not null default 0,
      failed bigint not null default 0,
      in_flight uuid[] not null default '{}',
      trouble text,
      made_by text not null,
      reason text not null,
      made_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      holder uuid,
      due_at timestamptz not null default now()
    );
    create index replays_due on replays (actor, due_at) where status in ('rehearsing', 'running');
    comment on column replays.from_id is 'the least id that is meant';
    comment on column replays.until_id is 'ids from here on are not meant';
    comment on column replays.position is 'up to here, this id included, all is sent, skipped or refused';
    comment on column replays.in_flight is 'sent, and neither handled nor given up when it was last looked at';
    comment on column replays.holder is 'the process that works on it; before due_at no other takes it';

    create table replay_messages (
      replay_id uuid not null,
      id uuid not null,
      type text not null,
      version integer not null,
      correlation_id uuid not null,
      causation_id uuid,
      producer text not null,
      occurred_at timestamptz not null,
      payload jsonb not null,
      primary key (replay_id, id)
    );
    comment on table replay_messages is 'messages of a replay that came from a file, until it is over';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
