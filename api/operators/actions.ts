/** What operators changed, on which thing, when and why: written in the transaction of the change, so neither is without the other. */
import { v7 } from 'uuid';
import type { Transaction } from '../../shared/postgres/database.js';
import type { Operator } from './operator.js';

export interface Action {
  /** A verb, such as `discard`. */
  readonly action: string;
  /** The kind of thing, such as `dead-letter`. */
  readonly thing: string;
  /** Undefined where a filter says which. */
  readonly thingId?: string | undefined;
  readonly reason?: string | undefined;
  readonly details?: unknown;
}

export interface RecordedAction {
  readonly id: string;
  readonly by: string;
  readonly action: string;
  readonly thing: string;
  readonly thingId: string | null;
  readonly reason: string | null;
  readonly details: unknown;
  readonly at: Date;
}

export async function recordAction(
  transaction: Transaction,
  { id, name }: Operator,
  { action, thing, thingId, reason, details }: Action,
): Promise<void> {
  await transaction.query({
    text: `insert into operator_actions (id, operator_id, operator_name, action, thing, thing_id, reason, details)
           values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)`,
    values: [
      v7(),
      id,
      name,
      action,
      thing,
      thingId ?? null,
      reason ?? null,
      details === undefined ? null : JSON.stringify(details),
    ],
  });
}

/** The newest first. @param before none from this id on */
export async function listActions(
  database: Transaction,
  { thing, thingId }: { readonly thing?: string | undefined; readonly thingId?: string | undefined },
  { before, limit }: { readonly before: string | undefined; readonly limit: number },
): Promise<RecordedAction[]> {
  const { rows } = await database.query<RecordedAction>({
    text: `select id, operator_name as by, action, thing, thing_id as "thingId", reason, details, made_at as at
           from operator_actions
           where ($1::text is null or thing = $1) and ($2::text is null or thing_id = $2) and ($3::uuid is null or id < $3)
           order by id desc limit $4`,
    values: [thing ?? null, thingId ?? null, before ?? null, limit],
  });
  return rows;
}
