import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { Database } from '../../shared/postgres/database.js';
import { migrate } from '../../shared/postgres/migrate.js';
import { MigrationBusy, type MigrationHolder } from '../../shared/postgres/migration-lock.js';
import { createBroker } from '../support/broker.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { needed } from '../support/needed.js';
import { until } from '../support/until.js';

const MIGRATION = '20261122020000_console_lists';
const release = fileURLToPath(new URL('../../scripts/release.js', import.meta.url));

describe('a migration that builds an index beside the orders being placed', () => {
  let store: TestDatabase;
  let shop: Database;
  let options: { readonly url: string; readonly applicationName: string };

  beforeEach(async () => {
    store = await createDatabase();
    shop = new Database({ url: store.url, connections: 1, applicationName: 'shop' });
    options = { url: store.url, applicationName: 'warren release' };
    await store.database.query({ text: 'delete from knex_migrations where name = $1', values: [MIGRATION] });
    await store.database.query({ text: 'drop index if exists orders_reference_id' });
  });
  afterEach(async () => {
    await shop.close();
    await store.close();
  });

  it('is taken up by the next release step when it is killed in the middle', async () => {
    const broker = await createBroker();
    try {
      const step = () => stepOn(store.url, broker.url);
      let next: ChildProcess | undefined;
      await whileAnOrderIsPlaced(async () => {
        const killed = step();
        const pid = await building();
        killed.kill('SIGKILL');
        await once(killed, 'exit');
        // PostgreSQL notices nothing before the statement ends.
        await store.database.query({ text: 'select pg_terminate_backend($1, 5000)', values: [pid] });
        expect(await state()).to.deep.equal({ recorded: 0, valid: false, locked: 1 });
        next = step();
        await waitingFor('drop index concurrently%');
      });
      expect(await ended(next)).to.equal(0);
      expect(await state()).to.deep.equal({ recorded: 1, valid: true, locked: 0 });
    } finally {
      await broker.close();
    }
  });

  it('is waited for when the release step is killed and its statement goes on', async () => {
    const broker = await createBroker();
    try {
      let next: Promise<string[]> | undefined;
      await whileAnOrderIsPlaced(async () => {
        const killed = stepOn(store.url, broker.url);
        const pid = await building();
        killed.kill('SIGKILL');
        await once(killed, 'exit');
        const waited = await new Promise<MigrationHolder>((resolve) => {
          next = migrate({ ...options, waiting: resolve });
        });
        expect(waited.pid).to.equal(pid);
      });
      expect(await next).to.deep.equal([MIGRATION]);
      expect(await state()).to.deep.equal({ recorded: 1, valid: true, locked: 0 });
    } finally {
      await broker.close();
    }
  });

  it('runs once when two release steps run at once, and both succeed', async () => {
    let both: Promise<string[][]> | undefined;
    await whileAnOrderIsPlaced(async () => {
      const first = migrate(options);
      await building();
      await new Promise((resolve) => {
        both = Promise.all([first, migrate({ ...options, waiting: resolve })]);
      });
    });
    expect(await both).to.deep.equal([[MIGRATION], []]);
    expect(await state()).to.deep.equal({ recorded: 1, valid: true, locked: 0 });
  });

  it('is not waited for without end: the error names the session and what it does', async () => {
    let first: Promise<string[]> | undefined;
    await whileAnOrderIsPlaced(async () => {
      first = migrate(options);
      const pid = await building();
      const failure = await migrate({ ...options, patienceMs: 300 }).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(MigrationBusy);
      expect(String(failure)).to.include(`session ${pid} (warren release), at "create index concurrently`);
    });
    expect(await first).to.deep.equal([MIGRATION]);
  });

  it('waits for a transaction that is older longer than anybody else waits for a lock', async () => {
    let step: Promise<string[]> | undefined;
    await whileAnOrderIsPlaced(async () => {
      step = migrate(options);
      const pid = await building();
      const text = `select from pg_stat_activity where pid = $1 and now() - query_start > interval '11 s'`;
      const waits = async () => (await store.database.query({ text, values: [pid] })).rowCount > 0;
      await until('it has waited for 11 s', waits);
    });
    expect(await step).to.deep.equal([MIGRATION]);
  });

  it('takes an index that was cut short away without waiting in front of those that read the orders', async () => {
    await store.database.query({ text: 'create index orders_reference_id on orders (reference, id)' });
    let step: Promise<string[]> | undefined;
    await whileAnOrderIsPlaced(async () => {
      step = migrate(options);
      await waitingFor('drop index%');
      await store.database.transaction(async (reader) => {
        await reader.query({ text: `set local lock_timeout = '1s'` });
        await reader.query({ text: 'select from orders limit 1' });
      });
    });
    expect(await step).to.deep.equal([MIGRATION]);
  });

  function building(): Promise<number> {
    return waitingFor('create index concurrently%');
  }

  /** @returns the session that waits for the open transaction */
  function waitingFor(statement: string): Promise<number> {
    return until(`${statement} waits`, async () => {
      const { rows } = await store.database.query<{ pid: number }>({
        text: `select pid from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
        values: [statement],
      });
      return rows[0]?.pid;
    });
  }

  /** In a transaction that has touched the orders, for which the index has to wait. */
  async function whileAnOrderIsPlaced(work: () => Promise<void>): Promise<void> {
    await shop.transaction(async (transaction) => {
      await transaction.query({ text: 'lock table orders in row exclusive mode' });
      await work();
    });
  }

  async function state() {
    const { rows } = await store.database.query({
      text: `select (select count(*) from knex_migrations where name = $1) as recorded,
               (select indisvalid from pg_index where indexrelid = to_regclass('orders_reference_id')) as valid,
               (select is_locked from knex_migrations_lock) as locked`,
      values: [MIGRATION],
    });
    return rows[0];
  }
});

function stepOn(database: string, broker: string): ChildProcess {
  const environment = { ...process.env, DATABASE_URL: database, RABBITMQ_URL: broker, REDIS_URL: needed('REDIS_URL') };
  return spawn(process.execPath, [release], { env: environment, stdio: 'ignore' });
}

async function ended(step: ChildProcess | undefined): Promise<number | null | undefined> {
  if (step !== undefined && step.exitCode === null) await once(step, 'exit');
  return step?.exitCode;
}
