/** What orders have cost the servers: CPU of taking them in, bytes, transactions, commands, connections, and what is kept of each. */
import { brokerState } from '../../audit/sources/broker-state.js';
import type { Database } from '../../shared/postgres/database.js';
import { oneOffRedis } from '../../shared/redis/one-off.js';
import type { BenchServers } from './bench-servers.js';
import type { Costs } from './costs.js';
import type { Figure } from './scenario.js';

/** As the servers have counted so far. PostgreSQL's sessions tell their transactions with a delay of a second or more. */
export interface ServerCounts {
  readonly walBytes: number;
  readonly transactions: number;
  readonly databaseBytes: number;
  readonly redisCommands: number;
}

export async function serverCounts(database: Database, servers: BenchServers): Promise<ServerCounts> {
  const { rows } = await database.query<Omit<ServerCounts, 'redisCommands'>>({
    text: `select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint as "walBytes",
             xact_commit as transactions, pg_database_size(datname) as "databaseBytes"
           from pg_stat_database where datname = current_database()`,
  });
  const [counts] = rows;
  if (counts === undefined) throw new TypeError('PostgreSQL has counted nothing for the database that it is asked in');
  const redisCommands = redisNumber(await redisInfo(servers), 'total_commands_processed');
  return { ...counts, redisCommands };
}

export const countedBetween = (before: ServerCounts, after: ServerCounts): ServerCounts => ({
  walBytes: after.walBytes - before.walBytes,
  transactions: after.transactions - before.transactions,
  databaseBytes: after.databaseBytes - before.databaseBytes,
  redisCommands: after.redisCommands - before.redisCommands,
});

/** Of orders all the way from the request to the last mail. */
export const serverFigures = (orders: number, counts: ServerCounts): Figure[] => [
  {
    key: 'walBytesPerOrder',
    title: 'write-ahead log, taking in included',
    value: counts.walBytes / orders,
    unit: 'bytes/order',
  },
  {
    key: 'transactionsPerOrder',
    title: 'transactions, taking in included',
    value: counts.transactions / orders,
    unit: '1/order',
  },
  {
    key: 'redisCommandsPerOrder',
    title: 'commands of Redis',
    value: counts.redisCommands / orders,
    unit: '1/order',
  },
  {
    key: 'databaseBytesPerOrder',
    title: 'growth of the database',
    value: counts.databaseBytes / orders,
    unit: 'bytes/order',
  },
];

/** CPU of taking an order in, until its first message is with RabbitMQ. */
export const intakeCostFigures = (orders: number, { parts, machine }: Costs): Figure[] =>
  ['web', 'postgres', 'rabbitmq'].map((part) => ({
    key: `intakeCpuMsPerOrder.${part}`,
    title: `CPU of taking in, ${part}`,
    value: Number.isNaN(machine) ? Number.NaN : ((parts.get(part) ?? Number.NaN) * 1000) / orders,
    unit: 'ms/order',
  }));

/** Of all orders there are, each at its end: what is dropped with its day, and which messages there were. */
export async function keptFigures(orders: number, database: Database): Promise<Figure[]> {
  const bytes = `select coalesce(sum(pg_total_relation_size(relid)), 0)::bigint from pg_partition_tree`;
  const { rows } = await database.query<{ events: number; eventLogBytes: number; inboxBytes: number }>({
    text: `select (select count(*) from event_log) as events,
             (${bytes}('event_log')) as "eventLogBytes", (${bytes}('inbox')) as "inboxBytes"`,
  });
  const { rows: deliveries } = await database.query<{ actor: string; count: number }>({
    text: 'select actor, count(*) as count from inbox group by actor order by actor',
  });
  const each = (key: string, title: string, value = Number.NaN, unit = 'bytes/order'): Figure => ({
    key,
    title,
    value: value / orders,
    unit,
  });
  return [
    each('eventLogBytesPerOrder', 'event log with its indexes', rows[0]?.eventLogBytes),
    each('inboxBytesPerOrder', 'inbox with its indexes', rows[0]?.inboxBytes),
    each('eventsPerOrder', 'messages published', rows[0]?.events, '1/order'),
    ...deliveries.map(({ actor, count }) =>
      each(`deliveriesPerOrder.${actor}`, `messages handled, ${actor}`, count, '1/order'),
    ),
  ];
}

/** Open now, by server. */
export async function connectionFigures(database: Database, servers: BenchServers): Promise<Figure[]> {
  const { rows } = await database.query<{ count: number }>({
    text: `select count(*) as count from pg_stat_activity
           where backend_type = 'client backend' and datname = current_database() and application_name <> 'warren bench'`,
  });
  const { connections } = await brokerState(servers.managementUrl, servers.urls.RABBITMQ_URL);
  // One of them is who asks.
  const redis = redisNumber(await redisInfo(servers), 'connected_clients') - 1;
  const figure = (server: string, title: string, value = Number.NaN): Figure => ({
    key: `connections.${server}`,
    title: `connections, ${title}`,
    value,
    unit: '',
  });
  return [
    figure('postgres', 'PostgreSQL', rows[0]?.count),
    figure('rabbitmq', 'RabbitMQ', connections.length),
    figure('redis', 'Redis', redis),
  ];
}

async function redisInfo(servers: BenchServers): Promise<string> {
  const redis = await oneOffRedis(servers.urls.REDIS_URL);
  try {
    return await redis.info();
  } finally {
    redis.disconnect();
  }
}

const redisNumber = (info: string, name: string): number =>
  Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? Number.NaN);
