/** Partitions are made and dropped by whoever may call these functions, as their owner: a process' own role owns no table. */
import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  // A fixed search path, or a caller could put tables of its own in the way.
  await knex.raw(`
    do $$
    declare
      function text;
    begin
      foreach function in array array['ensure_partitions(integer)', 'drop_old_partitions(text, integer)'] loop
        execute format('alter function %s security definer set search_path = %I, pg_temp', function, current_schema());
        execute format('revoke execute on function %s from public', function);
      end loop;
    end
    $$
  `);
}

/** Forward only: a release is undone by a newer one. */
export async function down(): Promise<void> {
  throw new Error('migrations go forward only; write a new one that undoes this');
}
