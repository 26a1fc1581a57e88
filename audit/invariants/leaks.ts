/** 11: nothing is held that nobody uses. What can be told from outside; handles and memory are in each process's metrics. */

import type { Evidence } from '../evidence.js';
import { grouped } from '../grouped.js';
import type { Found, Invariant, Violation } from '../invariant.js';
import { findSetWise } from '../set-wise.js';

/** Longer than any statement of ours may wait for a lock, or any transaction for its next statement, in milliseconds. */
const TOO_LONG_MS = 10_000;

interface Session {
  readonly pid: number;
  readonly name: string;
  readonly seconds: number;
}

const SESSIONS = 'datname = current_database() and pid <> pg_backend_pid() and ($1::timestamptz is null or true)';

export const leaks: Invariant = {
  number: 11,
  title: 'leaks',
  checks: [
    {
      what: 'no transaction is left idle',
      holds: 'always',
      find: (evidence) =>
        findSetWise<Session>(evidence, {
          count: `select count(*) from pg_stat_activity where ${SESSIONS} and $2::bigint > 0`,
          faulty: `select pid, application_name as name, extract(epoch from clock_timestamp() - state_change)::int as seconds
                   from pg_stat_activity where ${SESSIONS} and state like 'idle in transaction%'
                     and clock_timestamp() - state_change > $2::bigint * interval '1 millisecond'`,
          values: [TOO_LONG_MS],
          violation: ({ pid, name, seconds }) => ({
            subject: `PostgreSQL session ${pid} (${name})`,
            what: `is idle in a transaction for ${seconds} s`,
          }),
        }),
    },
    {
      what: 'nobody waits long for a lock, and no migration is locked',
      holds: 'always',
      find: findLocks,
    },
    {
      what: 'a process has the connections that it should, and no more',
      holds: 'when-quiet',
      find: findConnections,
    },
  ],
};

async function findLocks(evidence: Evidence): Promise<Found> {
  const waiting = await findSetWise<Session>(evidence, {
    count: `select count(*) from pg_locks where ($1::timestamptz is null or true) and $2::bigint > 0`,
    faulty: `select pid, application_name as name, extract(epoch from clock_timestamp() - query_start)::int as seconds
             from pg_stat_activity where ${SESSIONS} and wait_event_type = 'Lock'
               and clock_timestamp() - query_start > $2::bigint * interval '1 millisecond'`,
    values: [TOO_LONG_MS],
    violation: ({ pid, name, seconds }) => ({
      subject: `PostgreSQL session ${pid} (${name})`,
      what: `waits for a lock for ${seconds} s`,
    }),
  });
  // knex keeps its lock in a row: a release step that is killed leaves it, until the next has run.
  const { rows } = await evidence.database.query<{ held: number }>({
    text: 'select count(*) filter (where is_locked = 1) as held from knex_migrations_lock',
  });
  const held = rows[0]?.held ?? 0;
  return {
    checked: waiting.checked,
    violations: [
      ...waiting.violations,
      ...(held > 0
        ? [
            {
              subject: 'knex_migrations_lock',
              what: 'is held: a release step is running, or was killed and has to be run again',
            },
          ]
        : []),
    ],
  };
}

async function findConnections({ database, sources, databaseConnections }: Evidence): Promise<Found> {
  const { connections } = await sources.broker();
  const { rows } = await database.query<{ name: string; sessions: number }>({
    text: `select application_name as name, count(*) as sessions from pg_stat_activity
           where datname = current_database() and application_name like 'warren %' group by application_name`,
  });
  return {
    checked: connections.length,
    violations: leakedConnections(
      connections.map(({ name }) => name),
      new Map(rows.map(({ name, sessions }) => [name, sessions])),
      databaseConnections,
    ),
  };
}

/**
 * A worker process has one connection for consuming and one for publishing; web has one for publishing. So the broker's
 * count says how many processes there are, and how many sessions they may have. Pure.
 * @param names of the broker's connections, such as `warren payment consuming`
 * @param sessions of PostgreSQL, by application name, such as `warren payment`
 */
export function leakedConnections(
  names: readonly string[],
  sessions: ReadonlyMap<string, number>,
  databaseConnections: number,
): Violation[] {
  const ofProcesses = names.flatMap((name) => {
    const [, label, purpose] = /^(warren .+) (consuming|publishing)$/.exec(name) ?? [];
    return label === undefined || purpose === undefined ? [] : [{ label, purpose }];
  });
  return [...grouped(ofProcesses, ({ label }) => label)].flatMap(([label, ofLabel]): Violation[] => {
    const publishing = ofLabel.filter(({ purpose }) => purpose === 'publishing').length;
    const consuming = ofLabel.length - publishing;
    const most = Math.max(publishing, consuming) * databaseConnections;
    const open = sessions.get(label) ?? 0;
    return [
      ...(label === WEB || consuming === publishing
        ? []
        : [
            {
              subject: label,
              what: `has ${consuming} connections to the broker for consuming and ${publishing} for publishing`,
            },
          ]),
      ...(open <= most
        ? []
        : [{ subject: label, what: `has ${open} PostgreSQL connections where ${most} are allowed` }]),
    ];
  });
}

const WEB = 'warren web';
