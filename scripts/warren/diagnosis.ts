/** What `warren doctor` concludes from what it found. Pure. */
import type { PostgresFacts } from '../../shared/postgres/server-facts.js';
import type { RabbitFacts } from '../../shared/rabbitmq/server-facts.js';
import type { RedisFacts } from '../../shared/redis/server-facts.js';

export interface Finding {
  readonly what: string;
  readonly well: boolean;
  readonly says: string;
  /** Where it is not well. */
  readonly remedy?: string;
}

/** The oldest that the tests run on. */
const LEAST = { postgres: 15, rabbitmq: [3, 10], redis: 7 } as const;

/** Processes of a fleet, and what each may open. */
export interface Fleet {
  readonly workers: number;
  readonly databaseConnections: number;
}

/** Of web and so many workers: the release step runs beside them. */
const postgresNeeds = ({ workers, databaseConnections }: Fleet): number => (workers + 1) * databaseConnections + 2;
/** One a worker, and two of the scheduler. */
const redisNeeds = ({ workers }: Fleet): number => workers + 2;

export function onPostgres(facts: PostgresFacts, pending: readonly string[], fleet: Fleet): Finding[] {
  const { version, mostConnections, connections, creates } = facts;
  const needs = postgresNeeds(fleet);
  return [
    versionFinding('PostgreSQL', version, Number.parseInt(version, 10) >= LEAST.postgres, `${LEAST.postgres}`),
    finding('PostgreSQL tables', pending.length === 0, 'the tables are up to date', {
      otherwise: `${pending.length} migrations have not run: ${pending.join(', ')}`,
      remedy: 'run the release step: node dist/scripts/release.js',
    }),
    finding('PostgreSQL permissions', creates, 'the role may make tables', {
      otherwise: 'the role may not make tables in the schema public',
      remedy: 'grant create on schema public to it; the release step needs that',
    }),
    finding(
      'PostgreSQL connections',
      needs <= mostConnections,
      `${needs} of ${mostConnections} at most with one process of each (${connections} are open now)`,
      {
        otherwise: `one process of each needs ${needs}, and the server lets ${mostConnections} in`,
        remedy:
          'run several workers in one process (node dist/workers/start.js all), lower DATABASE_CONNECTIONS, or take a larger plan',
      },
    ),
  ];
}

export function onRabbit({ version, missing, refused }: RabbitFacts): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [
    versionFinding(
      'RabbitMQ',
      version,
      major > LEAST.rabbitmq[0] || (major === LEAST.rabbitmq[0] && minor >= LEAST.rabbitmq[1]),
      LEAST.rabbitmq.join('.'),
    ),
    finding('RabbitMQ permissions', refused === undefined, 'queues can be made, written to and read', {
      otherwise: `a queue of our own could not be made, written to and read: ${refused}`,
      remedy: 'give the user configure, write and read on the virtual host',
    }),
    finding('RabbitMQ queues', missing.length === 0, 'the queues of the fleet are there', {
      otherwise: `not there: ${missing.join(', ')}`,
      remedy: 'run the release step: node dist/scripts/release.js',
    }),
  ];
}

export function onRedis({ version, evicts, mostClients, clients }: RedisFacts, fleet: Fleet): Finding[] {
  const needs = redisNeeds(fleet);
  return [
    versionFinding('Redis', version, Number.parseInt(version, 10) >= LEAST.redis, `${LEAST.redis}`),
    finding('Redis memory', evicts === 'noeviction', 'it evicts nothing', {
      otherwise: `maxmemory-policy is ${evicts}: alarms may be lost, and timers late by seconds`,
      remedy: 'set it to noeviction',
    }),
    finding(
      'Redis connections',
      mostClients === undefined || needs <= mostClients,
      `${needs} of ${mostClients ?? 'unknown'} at most with one process of each (${clients} are open now)`,
      {
        otherwise: `one process of each needs ${needs}, and the server lets ${mostClients} in`,
        remedy: 'take a larger plan',
      },
    ),
  ];
}

const versionFinding = (server: string, version: string, well: boolean, least: string): Finding =>
  finding(`${server} version`, well, version, {
    otherwise: `${version} is older than ${least}, the oldest that is tested`,
    remedy: `use ${server} ${least} or later`,
  });

function finding(
  what: string,
  well: boolean,
  says: string,
  { otherwise, remedy }: { readonly otherwise: string; readonly remedy: string },
): Finding {
  return well ? { what, well, says } : { what, well, says: otherwise, remedy };
}
