/** Errors as pg reports them. */
import pg from 'pg';

export function databaseError(code: string, message: string): pg.DatabaseError {
  const error = new pg.DatabaseError(message, message.length, 'error');
  error.code = code;
  return error;
}

export const uniqueViolation = (table: string): pg.DatabaseError =>
  databaseError('23505', `duplicate key value violates unique constraint of ${table}`);
export const deadlock = (): pg.DatabaseError => databaseError('40P01', 'deadlock detected');
export const inFailedTransaction = (): pg.DatabaseError => databaseError('25P02', 'current transaction is aborted');

/** A connection that broke is no answer of the server. */
export const connectionLost = (): Error => new Error('Connection terminated unexpectedly');
export const connectionRefused = (): Error => new Error('connect ECONNREFUSED simulated');
