/** A database of its own for a test, migrated, on the test run's real server. */
import { randomUUID } from 'node:crypto';
import { Database } from '../../shared/postgres/database.js';
import { migrate } from '../../shared/postgres/migrate.js';
import { needed } from './needed.js';

export interface TestDatabase {
  readonly url: string;
  /** For looking at what the system under test has done. */
  readonly database: Database;
  /** Drops it. */
  close(): Promise<void>;
}

export async function createDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const server = new Database({ url: needed('DATABASE_URL'), connections: 1, applicationName: 'warren tests' });
  await server.query({ text: `create database ${name}` });
  const url = new URL(needed('DATABASE_URL'));
  url.pathname = `/${name}`;
  const database = new Database({ url: url.href, connections: 2, applicationName: 'warren tests' });
  await migrate(database);
  return {
    url: url.href,
    database,
    close: async () => {
      await database.close();
      await server.query({ text: `drop database ${name} with (force)` });
      await server.close();
    },
  };
}
