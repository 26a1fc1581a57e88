/** One at a time migrates. The lock is the migrating session's own, so it goes with it however that ends. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from './database.js';

/** Of this lock and nothing else; `ensure_partitions` has the number before it. */
const KEY = 7_267_466;
const LOOK_EVERY_MS = 250;

/** Somebody else migrates, and has not ended in the time given. Nothing was changed. */
export class MigrationBusy extends Error {
  override readonly name = 'MigrationBusy';
  readonly code = 'migration.busy';
}

export interface Patience {
  readonly patienceMs: number;
  /** Told once, when there is somebody to wait for. */
  readonly waiting?: (holder: MigrationHolder) => void;
}

/** Who migrates. A killed release step lives on here until its last statement ends. */
export interface MigrationHolder {
  readonly pid: number;
  readonly name: string;
  readonly statement: string;
}

/**
 * Takes the lock for as long as the session lives.
 * @param session has one connection, or the lock would be on some other than the one that migrates
 * @throws {MigrationBusy} naming the holder and how to end it
 */
export async function lockMigrations(session: Database, { patienceMs, waiting }: Patience): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let told = false;
  // To wait inside PostgreSQL would be a transaction that an index built concurrently waits for in turn: a deadlock.
  while (!(await locked(session))) {
    const holder = await holderOf(session);
    if (performance.now() >= deadline) throw new MigrationBusy(sayOf(holder, patienceMs));
    if (!told && holder !== undefined) waiting?.(holder);
    told ||= holder !== undefined;
    await wait(LOOK_EVERY_MS);
  }
}

async function locked(session: Database): Promise<boolean> {
  const { rows } = await session.query<{ locked: boolean }>({
    text: 'select pg_try_advisory_lock($1::bigint) as locked',
    values: [KEY],
  });
  return rows[0]?.locked === true;
}

/** None when it has just ended. */
async function holderOf(session: Database): Promise<MigrationHolder | undefined> {
  const { rows } = await session.query<MigrationHolder>({
    text: `select pid, coalesce(application_name, '') as name, left(coalesce(query, ''), 200) as statement
           from pg_locks join pg_stat_activity using (pid)
           where locktype = 'advisory' and granted and classid = 0 and objid = $1::bigint and objsubid = 1
             and pg_locks.database = (select oid from pg_database where datname = current_database())`,
    values: [KEY],
  });
  return rows[0];
}

function sayOf(holder: MigrationHolder | undefined, patienceMs: number): string {
  const who =
    holder === undefined
      ? 'another release step migrates'
      : `another release step migrates: PostgreSQL session ${holder.pid} (${holder.name}), at "${holder.statement}"`;
  const end = holder === undefined ? '' : `, or end it by: select pg_terminate_backend(${holder.pid})`;
  return `${who}. It was waited for ${patienceMs / 1000} s. Wait until it has ended and run the release step again${end}`;
}
