/** The release step: tables, partitions, exchanges, queues and bindings of the whole fleet. Safe to run again. */
import 'reflect-metadata';
import { variables } from '../config/environment.js';
import { serverWarnings } from '../config/server-url.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import { createLogger } from '../shared/observability/log.js';
import { migrate } from '../shared/postgres/migrate.js';
import { MigrationBusy } from '../shared/postgres/migration-lock.js';
import { declareTopology, TopologyMismatch } from '../shared/rabbitmq/declare.js';
import { topologyOf } from '../shared/rabbitmq/topology.js';
import { loadWorkers, workerNames } from '../workers/registry.js';

/** No Redis: nothing of it is declared. */
const NEEDED = {
  nodeEnv: variables.nodeEnv,
  databaseUrl: variables.databaseUrl,
  rabbitmqUrls: variables.rabbitmqUrls,
  logLevel: variables.logLevel,
  logFormat: variables.logFormat,
};

try {
  const { nodeEnv, databaseUrl, rabbitmqUrls, logLevel, logFormat } = readVariables(NEEDED, process.env);
  const log = createLogger({ logLevel, logFormat }, 'release');
  for (const warning of serverWarnings({ PostgreSQL: databaseUrl, RabbitMQ: rabbitmqUrls }, nodeEnv)) log.warn(warning);
  const migrated = await migrate({
    url: databaseUrl,
    applicationName: 'warren release',
    waiting: (holder) => log.info({ holder }, 'waits for another release step, which migrates'),
  });
  log.info({ migrated }, migrated.length === 0 ? 'the tables are up to date' : 'migrated');
  const workers = await loadWorkers(await workerNames());
  const topology = topologyOf(
    workers.flatMap(({ actors }) => actors.map(({ definition }) => definition)),
    workers.flatMap(({ contracts }) => contracts),
  );
  await declareTopology(rabbitmqUrls, topology).catch((error: unknown) => {
    // To stop here would keep the release from running, and only its own web knows what it declares.
    if (!(error instanceof TopologyMismatch && error.tolerable)) throw error;
    log.warn({ code: error.code }, error.message);
  });
  log.info(
    {
      exchanges: topology.exchanges.length,
      queues: topology.queues.length,
      bindings: topology.bindings.length + topology.exchangeBindings.length,
    },
    'declared the topology',
  );
} catch (error) {
  const plain =
    error instanceof EnvironmentFaults || error instanceof MigrationBusy || error instanceof TopologyMismatch;
  process.stderr.write(`${plain ? error.message : (error as Error).stack}\n`);
  process.exitCode = 1;
}
