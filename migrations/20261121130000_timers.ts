/** Timers: messages that are to be published later. And what keeps the partitioned tables from growing for ever. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table timers (
      correlation_id uuid not null,
      type text not null,
      version integer not null,
      causation_id uuid,
      producer text not null,
      payload jsonb not null,
      due_at timestamptz not null,
      primary key (correlation_id, type)
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
    create index timers_due on timers (due_at);
    comment on column timers.causation_id is 'the message whose handler scheduled it; null for the intake';

    -- Drops the daily partitions of the table that end before the given number of days ago. Those of event_log that hold
    -- messages not sent yet are kept, since the outbox names them.
    create function drop_old_partitions(parent text, keep_days integer) returns integer language plpgsql as $$
    declare
      partition text;
      day date;
      floor_id uuid;
      ceiling_id uuid;
      dropped integer := 0;
    begin
      perform pg_advisory_xact_lock(7267465);
      for partition in
        select child.relname from pg_inherits join pg_class as child on child.oid = inhrelid
        where inhparent = to_regclass(parent) and child.relname ~ ('^' || parent || '_[0-9]{8}$') order by 1
      loop
        day := to_date(right(partition, 8), 'YYYYMMDD');
        floor_id := uuid_v7_floor(day::timestamp at time zone 'utc');
        ceiling_id := uuid_v7_floor((day + 1)::timestamp at time zone 'utc');
        if day + 1 <= (now() at time zone 'utc')::date - keep_days
           and not (parent = 'event_log' and exists (select from outbox where id >= floor_id and id < ceiling_id)) then
          execute format('drop table %I', partition);
          dropped := dropped + 1;
        end if;
      end loop;
      return dropped;
    end
    $$;
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
