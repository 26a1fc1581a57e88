/** An operator: whoever looks after the fleet, known by a key that is stored only as its hash and its first characters. */
import { v7 } from 'uuid';
import type { Database } from '../../shared/postgres/database.js';
import { hashOf, newKey } from '../api-key.js';

/** A viewer reads; an operator also changes. */
export const ROLES = ['viewer', 'operator'] as const;
export type Role = (typeof ROLES)[number];

export interface Operator {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

interface OperatorWithKey extends Operator {
  /** Shown once; 192 random bits. */
  readonly key: string;
}

/** So much of a key tells it from others, and opens nothing. */
const PREFIX_LENGTH = 12;

/** Makes an operator with a key of their own. Undefined when one of this name is there and not revoked. */
export async function createOperator(
  database: Database,
  { name, role }: Omit<Operator, 'id'>,
): Promise<OperatorWithKey | undefined> {
  const operator = { id: v7(), name, role, key: newKey('wo') };
  return (await storeOperator(database, operator)) ? operator : undefined;
}

/** Stores the operator unless key or name is taken already; tells whether it did. */
export async function storeOperator(database: Database, { id, name, role, key }: OperatorWithKey): Promise<boolean> {
  const { rowCount } = await database.query({
    text: `insert into operators (id, name, role, key_hash, key_prefix) values ($1, $2, $3, $4, $5) on conflict do nothing`,
    values: [id, name, role, hashOf(key), key.slice(0, PREFIX_LENGTH)],
  });
  return rowCount > 0;
}

/** From now on the operator's key opens nothing; web may remember it for three seconds. False when there is none. */
export async function revokeOperator(database: Database, name: string): Promise<boolean> {
  const { rowCount } = await database.query({
    text: 'update operators set revoked_at = now() where name = $1 and revoked_at is null',
    values: [name],
  });
  return rowCount > 0;
}

export async function operatorByKey(database: Database, hash: Buffer): Promise<Operator | undefined> {
  const { rows } = await database.query<Operator>({
    name: 'operator-by-key',
    text: 'select id, name, role from operators where key_hash = $1 and revoked_at is null',
    values: [hash],
  });
  return rows[0];
}
