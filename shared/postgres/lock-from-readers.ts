/** How a migration gets a table to itself. */

/** A reader who comes meanwhile waits behind us for as long. Shorter than PostgreSQL takes to look for a deadlock, which would end us. */
const LOCK_TIMEOUT = '500ms';
/** A second each. */
const TRIES = 120;

/**
 * Locks the table from everybody, readers included, until the transaction ends; in a text with more statements, which are one
 * transaction. Waits two minutes for those who read it, and keeps others waiting behind it for half a second at a time only.
 */
export function lockFromReaders(table: string): string {
  return `
    set local statement_timeout = '10min';
    set local lock_timeout = '${LOCK_TIMEOUT}';
    do $$
    begin
      for try in 1..${TRIES} loop
        begin
          lock table ${table} in access exclusive mode;
          exit;
        exception when lock_not_available then
          if try = ${TRIES} then
            raise;
          end if;
          perform pg_sleep(0.5);
        end;
      end loop;
    end $$;`;
}
