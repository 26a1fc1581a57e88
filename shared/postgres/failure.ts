/** What follows from a failed statement. */
import { DatabaseError } from 'pg';

/**
 * - `unavailable`: the server, the connection or its resources; nothing is wrong with what was asked. Try again later.
 * - `conflict`: somebody else was there at the same time. Try again at once.
 * - `rejected`: the statement itself, and so the message behind it.
 */
export type DatabaseFailure = 'unavailable' | 'conflict' | 'rejected';

/** Somebody else has changed what was read. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
}

/** SQLSTATE classes, PostgreSQL documentation, appendix A. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57', '58', '25', 'XX']);
const LOCK_TIMEOUT = '55P03';
const STATEMENT_TIMEOUT = '57014';
const CONFLICT_CODES = new Set(['40001', '40P01', LOCK_TIMEOUT, STATEMENT_TIMEOUT, '23505']);

/** Classifies what a query or a transaction rejected with; undefined when it did not come from the database. */
export function databaseFailure(error: unknown): DatabaseFailure | undefined {
  if (error instanceof VersionConflict) return 'conflict';
  if (error instanceof DatabaseError) {
    const code = error.code ?? '';
    if (CONFLICT_CODES.has(code)) return 'conflict';
    return UNAVAILABLE_CLASSES.has(code.slice(0, 2)) ? 'unavailable' : 'rejected';
  }
  // The driver and the pool report a lost or missing connection as plain errors.
  return error instanceof Error && CONNECTION_LOST.test(said(error)) ? 'unavailable' : undefined;
}

const CONNECTION_LOST =
  /ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENET|ECANCELED|ENOTFOUND|EAI_AGAIN|Connection terminated|not queryable|Query read timeout|timeout expired|KnexTimeoutError|Unable to acquire|Connection ended|connection error|SASL|SSL/i;

/** Node says of a socket that the other side has ended only in the code which it is. */
const said = (error: Error): string => `${error.name} ${'code' in error ? error.code : ''} ${error.message}`;

/** True when the conflict has already cost its time: the same again at once would cost it again. */
export function timedOutWaiting(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === LOCK_TIMEOUT || error.code === STATEMENT_TIMEOUT);
}

/** True when PostgreSQL has answered with an error, and not merely been lost. */
export const isAnswered = (error: unknown): boolean => error instanceof DatabaseError;

/** True when the same work may succeed once the server is back. */
export function isUnavailable(error: unknown): boolean {
  return databaseFailure(error) === 'unavailable';
}
