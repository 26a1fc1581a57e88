/** How a migration builds and drops indexes of tables in use. */
import type { Knex } from 'knex';

const STATEMENT_TIMEOUT = '10min';

/**
 * Runs statements that work `concurrently`, one after the other, each for as long as 10 minutes. Each waits for every
 * transaction that is older, and keeps nobody waiting meanwhile: so it may wait longer for locks than anybody else.
 */
export async function besideOthers(knex: Knex, statements: readonly string[]): Promise<void> {
  await knex.raw(`set statement_timeout = '${STATEMENT_TIMEOUT}'`);
  await knex.raw('set lock_timeout = 0');
  try {
    for (const statement of statements) await knex.raw(statement);
  } finally {
    await knex.raw('reset lock_timeout');
    await knex.raw('reset statement_timeout');
  }
}
