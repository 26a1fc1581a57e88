/** Appends the rows of a whole batch to a ledger, each under a UUID v7 of its own. */
import type { Ledger } from '../actors/keyed-state.js';
import { newId } from '../messaging/message-id.js';
import type { Transaction } from './database.js';
import { columnValue, fieldsOf } from './keyed-table.js';

export async function appendRows(
  transaction: Transaction,
  ledger: Ledger,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const fields = fieldsOf(ledger.columns);
  const types = ['uuid', ...fields.map(({ type }) => type)];
  await transaction.query({
    name: `${ledger.table}-append`,
    text: `insert into ${ledger.table} (${['id', ...fields.map(({ column }) => column)].join(', ')})
           select * from unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})`,
    values: [
      rows.map(() => newId()),
      ...fields.map((field) => rows.map((row) => columnValue(field, row[field.property]))),
    ],
  });
}
