/** The pool of a process, and transactions on it. Statements have names, so that PostgreSQL parses each once a connection. */
import pg from 'pg';
import type { Logger } from 'pino';
import { POOL_SIZE } from './settings.js';

const STATEMENT_WITHIN_MS = 30_000;
const BIGINT = 20;
// Amounts and counts stay below 2^53.
pg.types.setTypeParser(BIGINT, Number);

export type Transaction = pg.PoolClient;

export function openPool(connectionString: string, log: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max: POOL_SIZE,
    idleTimeoutMillis: 0,
    keepAlive: true,
    statement_timeout: STATEMENT_WITHIN_MS,
    idle_in_transaction_session_timeout: STATEMENT_WITHIN_MS,
  });
  pool.on('error', (error) => log.warn({ reason: error.message }, 'lost a connection to PostgreSQL'));
  return pool;
}

export async function inTransaction<T>(pool: pg.Pool, act: (transaction: Transaction) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await act(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot even roll back is of no use to the next one.
    const broken = await client.query('rollback').then(
      () => false,
      () => true,
    );
    client.release(broken);
    throw error;
  }
}
