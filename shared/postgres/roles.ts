/** Makes and changes roles, on the connection of whoever owns the tables and may make roles. */
import { setTimeout } from 'node:timers/promises';
import type { ProcessNeeds } from '../privileges/needs.js';
import { changePassword, createRole, grantsTo, guard, roleOf } from '../privileges/postgres-role.js';
import type { Database } from './database.js';
import { databaseFailure } from './failure.js';

/** Of this and nothing else; the number after that of the migrations'. */
const LOCK = 7_267_467;

/** Which of these roles are there. */
export async function rolesThere(database: Database, roles: readonly string[]): Promise<Set<string>> {
  const { rows } = await database.query<{ name: string }>({
    text: 'select rolname::text as name from pg_roles where rolname = any($1::text[])',
    values: [roles],
  });
  return new Set(rows.map(({ name }) => name));
}

/** All of it as SQL, in its order. @param passwords of those that are made or get another, by process */
export function rolesSql(
  fleet: readonly ProcessNeeds[],
  { prefix, database, there, passwords }: RolesWanted,
): string[] {
  return [
    ...guard(fleet.map(({ process }) => roleOf(prefix, process))),
    ...fleet.flatMap((needs) => {
      const role = roleOf(prefix, needs.process);
      const password = passwords.get(needs.process);
      const made = password === undefined ? [] : [(there.has(role) ? changePassword : createRole)(role, password)];
      return [...made, ...grantsTo(role, needs, database)];
    }),
  ];
}

export interface RolesWanted {
  readonly prefix: string;
  /** Its name. */
  readonly database: string;
  readonly there: ReadonlySet<string>;
  readonly passwords: ReadonlyMap<string, string>;
}

/**
 * Tables are locked for it, and whoever works meanwhile waits behind: not for long, and then they come first. Shorter than PostgreSQL takes to
 * look for a deadlock, by which they might be ended.
 */
const LOCK_TIMEOUT = '500ms';
const TRIES = 10;
const PAUSE_MS = 500;

/**
 * In one transaction: processes that work meanwhile keep what they may do. It gives way to them where they wait for each other, and
 * tries again.
 */
export async function applyRoles(database: Database, statements: readonly string[]): Promise<void> {
  for (let left = TRIES; ; ) {
    try {
      return await applyOnce(database, statements);
    } catch (error) {
      left -= 1;
      if (left === 0 || databaseFailure(error) !== 'conflict') throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}

function applyOnce(database: Database, statements: readonly string[]): Promise<void> {
  const local = [`lock_timeout = '${LOCK_TIMEOUT}'`];
  return database.transaction(
    async (transaction) => {
      await transaction.query({ text: 'select pg_advisory_xact_lock($1::bigint)', values: [LOCK] });
      for (const text of statements) await transaction.query({ text });
    },
    undefined,
    local,
  );
}
