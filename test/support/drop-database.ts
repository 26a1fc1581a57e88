import type { Database } from '../../shared/postgres/database.js';
import { until } from './until.js';

const OVER_WITHIN_MS = 60_000;

/**
 * Ends who is in the database, and drops it if it is there. Its owner may end everybody but PostgreSQL's own vacuum, which is
 * waited for. @throws {Error} caused by what PostgreSQL said last, when that takes a minute
 */
export async function dropDatabase(server: Database, name: string): Promise<void> {
  let refusal: unknown;
  const drop = () =>
    server.query({ text: `drop database if exists ${name} with (force)` }).then(
      () => true,
      (error: unknown) => {
        refusal = error;
        return false;
      },
    );
  await until(`the database ${name} is dropped`, drop, OVER_WITHIN_MS).catch((error) => {
    throw new Error(error.message, { cause: refusal });
  });
}
