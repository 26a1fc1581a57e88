/**
 * Dead letters are redriven, edited and discarded, and later messages of their order wait behind them. Their line has another index
 * since, and `dead_letters_line` was left (to be dropped: 20261121150000).
 */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table dead_letters
      drop constraint dead_letters_status_check,
      add constraint dead_letters_status_check
        check (status in ('open', 'held', 'redriving', 'redriven', 'replaced', 'discarded')),
      add column in_place_of uuid,
      add column replaced_by uuid,
      add column redrive_job uuid,
      add column redrive_release text,
      add column repeated boolean not null default false,
      add column leased_until timestamptz,
      add column sent_at timestamptz;
    comment on column dead_letters.status is
      'open: waits for somebody; held: waits behind another of its order; redriving: to be sent, or sent and not handled yet; the rest is over';
    comment on column dead_letters.in_place_of is 'the letter whose place in the line of its order this edited one has';
    comment on column dead_letters.redrive_release is 'the release under which it was last redriven';
    comment on column dead_letters.repeated is 'redriven, it failed again in the same way';

    -- Those that stand in the line of their order. The index of the open ones stays: the previous release names it.
    create unique index dead_letters_standing on dead_letters (actor, message_id)
      where status in ('open', 'held', 'redriving');
    create index dead_letters_line on dead_letters (actor, correlation_id, coalesce(in_place_of, id))
      where status in ('open', 'held', 'redriving');
    create index dead_letters_fingerprint on dead_letters (fingerprint, status);
    create index dead_letters_job on dead_letters (redrive_job) where redrive_job is not null;

    create table dead_letter_changes (
      id bigint generated always as identity primary key,
      letter_id uuid not null,
      change text not null check (change in ('redrive', 'replace', 'discard')),
      made_by text not null,
      reason text not null,
      made_at timestamptz not null default now()
    );
    create index dead_letter_changes_letter on dead_letter_changes (letter_id);

    create table redrive_jobs (
      id uuid primary key,
      filter jsonb not null,
      total integer not null,
      done integer not null default 0,
      failed integer not null default 0,
      per_second integer not null check (per_second > 0),
      status text not null default 'running' check (status in ('running', 'suspended', 'finished', 'cancelled')),
      made_by text not null,
      reason text not null,
      made_at timestamptz not null default now(),
      due_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      cancelled_by text,
      cancel_reason text
    );
    create index redrive_jobs_due on redrive_jobs (due_at) where status in ('running', 'suspended');
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
