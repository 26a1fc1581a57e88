/** A change by an operator: what is changed and the note of it stand or fall together. */
import type { FastifyRequest } from 'fastify';
import Type from '../../shared/messaging/typebox.js';
import type { Database, Transaction } from '../../shared/postgres/database.js';
import type { Author } from '../../shared/postgres/redrive-jobs.js';
import { oneLine } from '../one-line-text.js';
import { type Action, recordAction } from './actions.js';
import { operatorOf } from './authentication.js';

/** Why something is changed; every change needs it. */
export const Reason = oneLine(500);
export const ReasonBody = Type.Object({ reason: Reason }, { additionalProperties: false });

interface Change<T> extends Omit<Action, 'reason' | 'details'> {
  readonly reason: string;
  /** What the note tells besides, of what came of it. */
  readonly details?: (result: T) => unknown;
}

/** Carries the change out in one transaction, in the name of who asks. */
export function change<T>(
  database: Database,
  request: Pick<FastifyRequest, 'getDecorator'>,
  { details, ...action }: Change<T>,
  work: (transaction: Transaction, author: Author) => Promise<T>,
): Promise<T> {
  const operator = operatorOf(request);
  return database.transaction(async (transaction) => {
    const result = await work(transaction, { by: operator.name, reason: action.reason });
    await recordAction(transaction, operator, { ...action, details: details?.(result) });
    return result;
  });
}
