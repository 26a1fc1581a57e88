/** PostgreSQL dies, loses its sessions, and lets everybody wait for a lock. */
import { Database } from '../../../shared/postgres/database.js';
import { type Fault, nothingToHeal, oneOf } from '../fault.js';

const killed: Fault = {
  name: 'postgres-killed',
  what: 'PostgreSQL is killed, and recovers from its log',
  touches: ['postgres'],
  weight: 2,
  lastsMs: [1000, 12_000],
  async inject({ servers }) {
    await servers.kill('postgres');
    return { victim: 'PostgreSQL', heal: () => servers.bringBack('postgres') };
  },
};

const backendsKilled: Fault = {
  name: 'backends-killed',
  what: 'PostgreSQL ends every session of the fleet, in whatever it is doing',
  touches: ['postgres'],
  weight: 2,
  lastsMs: [0, 0],
  async inject({ database }) {
    const { rows } = await database.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and application_name like 'warren %'`,
    });
    return { victim: `${rows.length} sessions`, heal: nothingToHeal };
  },
};

/** What every order goes through. */
const TABLES = ['orders', 'stock_levels', 'payments', 'outbox', 'inbox', 'event_log', 'idempotency_keys'];

const locked: Fault = {
  name: 'table-locked',
  what: 'somebody holds the lock of a whole table',
  touches: ['postgres'],
  weight: 1,
  lastsMs: [3000, 20_000],
  async inject({ servers }, chance) {
    const victim = oneOf(TABLES, chance('which'));
    const holder = new Database({ url: servers.databaseUrl, connections: 1, applicationName: 'chaos lock' });
    let unlock = (): void => undefined;
    const wanted = new Promise<void>((resolve) => {
      unlock = resolve;
    });
    await new Promise<void>((locked, failed) => {
      holder
        .transaction(async (transaction) => {
          // It waits until the lock is free, like anybody else.
          await transaction.query({ text: `lock table ${victim} in access exclusive mode` });
          locked();
          await wanted;
        })
        .catch(failed);
    });
    return {
      victim,
      async heal() {
        unlock();
        await holder.close();
      },
    };
  },
};

export const postgresFaults: readonly Fault[] = [killed, backendsKilled, locked];
