/** A database of its own for a test, migrated, on the test run's real server. */
import { randomUUID } from 'node:crypto';
import { Database } from '../../shared/postgres/database.js';
import { migrate } from '../../shared/postgres/migrate.js';
import { dropDatabase } from './drop-database.js';
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
  template ??= migrated();
  const from = await template;
  const server = new Database({ url: needed('DATABASE_URL'), connections: 1, applicationName: 'warren tests' });
  await server.query({ text: `create database ${name} template ${from}` });
  const url = urlOf(name);
  const database = new Database({ url, connections: 2, applicationName: 'warren tests' });
  return {
    url,
    database,
    close: async () => {
      await database.close();
      await dropDatabase(server, name);
      await server.close();
    },
  };
}

/** What the databases of this process are copies of: migrating each anew takes five times as long. */
let template: Promise<string> | undefined;

/** It goes with the server, which the next run wipes. */
async function migrated(): Promise<string> {
  const name = `template_${randomUUID().replaceAll('-', '')}`;
  const server = new Database({ url: needed('DATABASE_URL'), connections: 1, applicationName: 'warren tests' });
  await server.query({ text: `create database ${name}` });
  await server.close();
  await migrate({ url: urlOf(name), applicationName: 'warren tests' });
  return name;
}

function urlOf(database: string): string {
  const url = new URL(needed('DATABASE_URL'));
  url.pathname = `/${database}`;
  return url.href;
}
