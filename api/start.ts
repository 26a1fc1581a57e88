/** The process `web`: takes orders in over HTTP. */
import { setTimeout as pause } from 'node:timers/promises';
import { DEVELOPMENT, listenHost, warningsOf } from '../config/environment.js';
import { EnvironmentFaults, type Parsed, readVariables } from '../config/variable.js';
import { variablesOfWeb } from '../config/web-variables.js';
import { OutboxDispatcher } from '../shared/actors/outbox-dispatcher.js';
import { SignsOfLife } from '../shared/actors/signs-of-life.js';
import { resolveByDns } from '../shared/http/outside-address.js';
import { armFailpoint } from '../shared/observability/failpoint.js';
import { keptForASecond } from '../shared/observability/health.js';
import { createLogger, type Logger } from '../shared/observability/log.js';
import { onStopSignal, within } from '../shared/observability/shutdown.js';
import { startTracing, stopTracing } from '../shared/observability/tracing.js';
import { Database } from '../shared/postgres/database.js';
import { hidesRows } from '../shared/postgres/storefront-rows.js';
import { BrokerConnection } from '../shared/rabbitmq/connection.js';
import { Publisher } from '../shared/rabbitmq/publisher.js';
import { QueueCounts } from '../shared/rabbitmq/queue-counts.js';
import { QuotaLedger } from '../shared/redis/quota-ledger.js';
import { Keyring } from '../shared/secrets/keyring.js';
import { DevelopmentKeyInProduction, refuseDevelopmentKey } from './development-keys.js';
import type { Health } from './health.js';
import { fleetActors, fleetTopology } from './operators/fleet.js';
import { buildServer, type Parts } from './server.js';
import { modeFor } from './storefronts/key.js';

/**
 * It goes on for so long when it is told to stop: what is on its way to it, or waits to be accepted, is answered. Routers send
 * nothing more meanwhile, by `/readyz` or because it was they who asked.
 */
const LEAVE_MS = 1000;
/** For finishing what is begun; with what comes after it the process ends within 25 s. */
const GRACE_MS = 14_000;
const FLUSH_MS = 4000;
/**
 * Connections that the system has accepted and web has not. Who comes beyond is not refused but has to knock again, after
 * 1, 3, 7 and 15 s, so a spike would take long to arrive. The system's own limit (net.core.somaxconn) bounds it too.
 */
const BACKLOG = 4096;
const CLOSE_MS = 2000;

type WebEnvironment = Parsed<typeof variablesOfWeb>;

try {
  await startWeb();
} catch (error) {
  const plain = error instanceof EnvironmentFaults || error instanceof DevelopmentKeyInProduction;
  process.stderr.write(`${plain ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}

async function startWeb(): Promise<void> {
  const environment = readVariables(variablesOfWeb, process.env);
  const { nodeEnv, port, databaseUrl, databaseConnections, rabbitmqUrls, redisUrl } = environment;
  armFailpoint(environment);
  const log = createLogger(environment, 'web');
  for (const warning of warningsOf(environment)) log.warn(warning);
  await startTracing(environment, 'web', log);
  const database = new Database({ url: databaseUrl, connections: databaseConnections, applicationName: 'warren web' });
  if (nodeEnv === 'production') await refuseDevelopmentKey(database, log);

  const publishing = new BrokerConnection(rabbitmqUrls, 'warren web publishing', log);
  const publisher = new Publisher(publishing, log);
  const dispatcher = new OutboxDispatcher(publisher, database, log);
  const quotaLedger = redisUrl === undefined ? undefined : new QuotaLedger({ url: redisUrl }, log);
  let stopping = false;
  const isLeaving = () => stopping;
  const app = buildServer({
    ...settingsOf(environment),
    database,
    dispatcher,
    isLeaving,
    log,
    quotaLedger,
    fleet: fleetOf(environment, publishing),
    health: healthOf({ database, publisher, isLeaving }),
  });
  publishing.open();
  const url = await app.listen({ host: listenHost(environment), port, backlog: BACKLOG });
  warnOfSuperuser(database, log);
  log.info(
    {
      url,
      port: Number(new URL(url).port),
      postgresConnections: databaseConnections,
      rabbitmqConnections: 1,
      redisConnections: quotaLedger === undefined ? 0 : 1,
    },
    'listening',
  );

  const life = new SignsOfLife({ kind: 'web', database, release: environment.release, log });

  onStopSignal(log, async () => {
    stopping = true;
    await pause(LEAVE_MS);
    await within(GRACE_MS, app.close());
    app.server.closeAllConnections();
    await within(FLUSH_MS, Promise.all([dispatcher.flush(), life.stop()]));
    await publisher.close();
    quotaLedger?.close();
    await within(CLOSE_MS, Promise.all([publishing.close(), database.close(), stopTracing()]));
  });
}

/** What the environment alone decides. */
function settingsOf(environment: WebEnvironment) {
  const { nodeEnv } = environment;
  return {
    keyring: new Keyring(environment.encryptionKeys),
    outboxLeaseMs: environment.outboxLeaseMs,
    paymentDeadlineMs: environment.paymentDeadlineS * 1000,
    webhookTargets: { resolve: resolveByDns, allowInside: environment.webhooksAllowInside === '1' },
    limits: { requests: environment.requestsLimit, outbox: environment.outboxLimit },
    rates: {
      perKey: environment.rateLimitKey,
      perAddress: environment.rateLimitAddress,
      failures: environment.rateLimitFailures,
    },
    trustedProxies: environment.trustedProxies,
    development: nodeEnv === 'development',
    reference: environment.apiReference === 'open',
    keyMode: modeFor(nodeEnv),
    ...(nodeEnv === 'production' ? { refusedKeys: [DEVELOPMENT.operatorKey] } : {}),
  } satisfies Partial<Parts>;
}

function fleetOf(environment: WebEnvironment, publishing: BrokerConnection): Parts['fleet'] {
  return {
    actors: fleetActors,
    queues: new QueueCounts(publishing),
    topology: {
      declared: fleetTopology,
      urls: environment.rabbitmqTopologyUrls ?? environment.rabbitmqUrls,
      managementUrl: environment.rabbitmqManagementUrl,
    },
    traces: {
      viewerUrl: environment.traceViewerUrl,
      ratio: environment.otlpEndpoint === undefined ? 0 : environment.tracesRatio,
    },
  };
}

interface Asked {
  readonly database: Database;
  readonly publisher: Publisher;
  readonly isLeaving: () => boolean;
}

function healthOf({ database, publisher, isLeaving }: Asked): Health {
  return {
    needed: {
      checks: {
        process: () => (isLeaving() ? 'stopping' : true),
        // Reads a table, so that a database without migrations is not taken for ready.
        postgres: keptForASecond(() =>
          database.query({ text: 'select 1 from storefronts limit 1' }).then(() => true as const),
        ),
      },
    },
    wanted: {
      checks: {
        rabbitmq: () => {
          const readiness = publisher.readiness();
          return readiness === true || `${readiness}; orders are taken in and wait`;
        },
      },
    },
  };
}

/** A database that is away is no reason not to start. */
function warnOfSuperuser(database: Database, log: Logger): void {
  const why = 'the role of DATABASE_URL is a superuser or has bypassrls: row-level security hides nothing from it';
  hidesRows(database).then(
    (hides) => hides || log.warn({ remedy: 'use a role that owns the tables and is neither' }, why),
    () => undefined,
  );
}
