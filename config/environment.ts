/**
 * Environment variables that every process reads: type, unit, default and meaning. Parsed once, at start; all faults are reported
 * at once.
 */
import { encryptionKeys } from './encryption-keys.js';
import { authority, rejecting, serverUrl, serverUrls, serverWarnings } from './server-url.js';
import { oneOf, orNone, type Parsed, share, url, type Variable, wholeNumber, words } from './variable.js';

const MINUTE_MS = 60_000;
const DATABASE_URLS = ['DATABASE_URL'] as const;
const RABBITMQ_URLS = ['RABBITMQ_URL', 'CLOUDAMQP_URL', 'AMQP_URL'] as const;
const REDIS_URLS = ['REDIS_URL', 'REDIS_TLS_URL', 'REDISCLOUD_URL'] as const;

const POSTGRES_TLS = {
  ca: 'DATABASE_CA',
  rejectUnauthorized: 'DATABASE_TLS_REJECT_UNAUTHORIZED',
  urls: DATABASE_URLS,
};
/** Also of the URLs that web alone reads. */
export const RABBITMQ_TLS = {
  ca: 'RABBITMQ_CA',
  rejectUnauthorized: 'RABBITMQ_TLS_REJECT_UNAUTHORIZED',
  urls: [...RABBITMQ_URLS, 'RABBITMQ_MANAGEMENT_URL', 'RABBITMQ_TOPOLOGY_URL'],
};
const REDIS_TLS = { ca: 'REDIS_CA', rejectUnauthorized: 'REDIS_TLS_REJECT_UNAUTHORIZED', urls: REDIS_URLS };

export const variables = {
  nodeEnv: oneOf(
    { names: ['NODE_ENV'], fallback: 'production', meaning: 'where this runs; development brings sandbox credentials' },
    ['development', 'test', 'production'],
  ),
  logLevel: oneOf({ names: ['LOG_LEVEL'], fallback: 'info', meaning: 'the least severe log line that is written' }, [
    'trace',
    'debug',
    'info',
    'warn',
    'error',
    'fatal',
    'silent',
  ]),
  logFormat: oneOf({ names: ['LOG_FORMAT'], fallback: 'json', meaning: 'log lines for machines or for eyes' }, [
    'json',
    'pretty',
  ]),
  release: words({
    names: ['RELEASE', 'HEROKU_SLUG_COMMIT', 'SOURCE_VERSION'],
    fallback: 'unknown',
    meaning: 'the release that runs, noted on dead letters, and what a suspended redrive waits for',
  }),
  host: words({
    names: ['HOST'],
    fallback: '',
    meaning: 'address to listen on; by default all in production, else loopback',
  }),
  healthPort: wholeNumber(
    {
      names: ['HEALTH_PORT'],
      fallback: '0',
      meaning: 'HTTP port of a worker for /healthz, /readyz and /metrics; 0 is any free one',
    },
    0,
    65_535,
  ),
  databaseUrl: serverUrl(
    { names: DATABASE_URLS, meaning: 'PostgreSQL, the truth' },
    ['postgres', 'postgresql'],
    POSTGRES_TLS,
  ),
  databaseCa: authority(POSTGRES_TLS, 'PostgreSQL'),
  databaseTlsRejectUnauthorized: rejecting(POSTGRES_TLS, 'PostgreSQL'),
  databaseConnections: wholeNumber(
    { names: ['DATABASE_CONNECTIONS'], fallback: '2', meaning: 'PostgreSQL connections a process opens at most' },
    1,
    100,
  ),
  rabbitmqUrls: serverUrls(
    { names: RABBITMQ_URLS, meaning: 'RabbitMQ, all nodes of the cluster' },
    ['amqp', 'amqps'],
    RABBITMQ_TLS,
  ),
  rabbitmqCa: authority(RABBITMQ_TLS, 'RabbitMQ'),
  rabbitmqTlsRejectUnauthorized: rejecting(RABBITMQ_TLS, 'RabbitMQ'),
  redisUrl: serverUrl(
    { names: REDIS_URLS, meaning: 'Redis or Valkey, for speed only' },
    ['redis', 'rediss'],
    REDIS_TLS,
  ),
  redisCa: authority(REDIS_TLS, 'Redis'),
  redisTlsRejectUnauthorized: rejecting(REDIS_TLS, 'Redis'),
  encryptionKeys,
  failpoint: words({
    names: ['FAILPOINT'],
    fallback: '',
    meaning: 'where certification wants the process to kill itself; refused in production',
  }),
  outboxLeaseMs: wholeNumber(
    {
      names: ['OUTBOX_LEASE_MS'],
      fallback: '10000',
      meaning: 'how long a process has for publishing what it committed before the relay does it, in milliseconds',
    },
    100,
    10 * MINUTE_MS,
  ),
  otlpEndpoint: orNone(
    url(
      {
        names: ['OTEL_EXPORTER_OTLP_ENDPOINT'],
        meaning: 'receiver of traces, OTLP over HTTP, without /v1/traces; without it nothing is traced',
      },
      ['http', 'https'],
    ),
  ),
  tracesRatio: share({
    names: ['OTEL_TRACES_SAMPLER_ARG'],
    fallback: '0.1',
    meaning: 'share of the orders that are traced',
  }),
  serviceName: words({
    names: ['OTEL_SERVICE_NAME'],
    fallback: '',
    meaning: 'what traces call the process; by default warren- and its workers',
  }),
};

/** What every process reads. A worker that needs more declares it in its own `composition.ts`. */
export type Environment = Parsed<typeof variables>;

/** The servers' URLs under a name of the process' own first, such as DATABASE_URL_EMAIL: there each has its own role and user. */
export function variablesOf(process: string): typeof variables {
  const { databaseUrl, rabbitmqUrls } = variables;
  return { ...variables, databaseUrl: ownFirst(databaseUrl, process), rabbitmqUrls: ownFirst(rabbitmqUrls, process) };
}

/** @param process a worker's name, or `web` */
export const ownName = (variable: Variable<unknown>, process: string): string =>
  `${variable.names[0]}_${process.toUpperCase().replaceAll('-', '_')}`;

const ownFirst = <T>(variable: Variable<T>, process: string): Variable<T> => ({
  ...variable,
  ownName: ownName(variable, process),
});

/** What whoever starts a process should know of how its servers are reached; for the log. */
export function warningsOf({
  nodeEnv,
  databaseUrl,
  rabbitmqUrls,
  rabbitmqTopologyUrls,
  rabbitmqManagementUrl: management,
  redisUrl,
}: Pick<Environment, 'nodeEnv' | 'databaseUrl' | 'rabbitmqUrls'> & {
  readonly rabbitmqTopologyUrls?: readonly string[] | undefined;
  readonly rabbitmqManagementUrl?: string | undefined;
  readonly redisUrl: string | undefined;
}): string[] {
  return serverWarnings(
    {
      PostgreSQL: databaseUrl,
      RabbitMQ: rabbitmqUrls,
      'RabbitMQ, for what declares queues,': rabbitmqTopologyUrls,
      'the management API of RabbitMQ': management,
      Redis: redisUrl,
    },
    nodeEnv,
  );
}

/** Credentials that everybody knows, for development only. A storefront's test key is let in nowhere in production anyhow. */
export const DEVELOPMENT = {
  storefrontKey: 'dev-storefront-key',
  operatorKey: 'dev-operator-key',
  providerKey: 'sandbox-provider-key',
} as const;

/** The address to listen on: as set, or all in production and loopback elsewhere. */
export function listenHost({ host, nodeEnv }: Pick<Environment, 'host' | 'nodeEnv'>): string {
  return host || (nodeEnv === 'production' ? '0.0.0.0' : '127.0.0.1');
}
