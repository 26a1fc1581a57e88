/** Brings the tables to the newest release, and makes the partitions of the days to come. */
import { readdir } from 'node:fs/promises';
import type { Knex } from 'knex';
import { Database } from './database.js';
import { lockMigrations, type Patience } from './migration-lock.js';

/** Partitions are there this many days ahead; past them rows go to the default partition, slower but safe. */
const DAYS_AHEAD = 14;

const migrations = new URL('../../migrations/', import.meta.url);
const workers = new URL('../../workers/', import.meta.url);

/** The fleet's migrations and those that workers bring in a folder `migrations` of their own, in the order of their names. */
const source: Knex.MigrationSource<URL> = {
  getMigrations: async () => {
    const folders = await readdir(workers, { withFileTypes: true });
    const own = folders
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => new URL(`${name}/migrations/`, workers));
    const found = await Promise.all([migrations, ...own].map(modulesIn));
    return found.flat().sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  },
  getMigrationName: nameOf,
  getMigration: (module) => import(module.href),
};

/** An index of a large table is built meanwhile. */
const PATIENCE_MS = 10 * 60_000;
/** Longer than the longest statement (`beside-others.ts`). */
const QUERY_TIMEOUT_MS = 11 * 60_000;

export interface MigrateOptions extends Partial<Patience> {
  readonly url: string;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
}

/**
 * Runs what has not run yet, and returns the names. Safe to run twice and from two places at once, the second waiting for
 * the first, and after one that was killed.
 * @param patienceMs to wait for another @default 10 minutes
 * @throws {MigrationBusy}
 */
export async function migrate({ patienceMs = PATIENCE_MS, waiting, ...server }: MigrateOptions): Promise<string[]> {
  // One connection, so that the lock is on the one that migrates: a killed one's last statement goes on, and is waited for.
  const session = new Database({ ...server, connections: 1, queryTimeoutMs: QUERY_TIMEOUT_MS });
  try {
    await lockMigrations(session, { patienceMs, ...(waiting && { waiting }) });
    const { knex } = session;
    // knex's own lock is a row, which outlives whoever was killed. Nobody else migrates now.
    await knex.migrate.forceFreeMigrationsLock();
    // What has run stays run, though the worker that brought it is gone.
    const [, names] = (await knex.migrate.latest({
      migrationSource: source,
      disableMigrationsListValidation: true,
    })) as [number, string[]];
    await ensurePartitions(session);
    return names;
  } finally {
    await session.close();
  }
}

/** Names of those that have not run yet. */
export async function pendingMigrations({ knex }: Pick<Database, 'knex'>): Promise<string[]> {
  const [done, all] = await Promise.all([
    knex('knex_migrations')
      .pluck<string[]>('name')
      .catch((): string[] => []),
    source.getMigrations([]),
  ]);
  return all.map(nameOf).filter((name) => !done.includes(name));
}

/** Makes missing partitions of event log and inbox, a day each. */
export async function ensurePartitions({ knex }: Pick<Database, 'knex'>): Promise<void> {
  await knex.raw('select ensure_partitions(?)', [DAYS_AHEAD]);
}

async function modulesIn(folder: URL): Promise<URL[]> {
  const files = await readdir(folder).catch(() => []);
  return files
    .filter((file) => file.endsWith('.js') && !file.endsWith('.test.js'))
    .map((file) => new URL(file, folder));
}

function nameOf(module: URL): string {
  return module.pathname.replace(/^.*\//, '').replace(/\.js$/, '');
}
