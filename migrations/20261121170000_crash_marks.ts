/** Which redelivered messages are being handled, and by whom: what a process died with can be told afterwards. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table crash_marks (
      actor text not null,
      message_id uuid not null,
      holder uuid not null,
      alone boolean not null default false,
      crashes integer not null default 0,
      seen_at timestamptz not null default now(),
      primary key (actor, message_id)
    );
    comment on column crash_marks.holder is 'drawn anew by every process and actor that handles messages';
    comment on column crash_marks.alone is 'the holder handles nothing else meanwhile, so that its death is proof';
    comment on column crash_marks.crashes is 'deaths proven before this handling';
    comment on column crash_marks.seen_at is 'when the holder last showed life';
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
