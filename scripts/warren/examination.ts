/** Whether a fleet could run here, by the environment and the servers that it names, and whether web answers. */
import { variables } from '../../config/environment.js';
import { EnvironmentFaults, type Parsed, readVariables } from '../../config/variable.js';
import { Database } from '../../shared/postgres/database.js';
import { pendingMigrations } from '../../shared/postgres/migrate.js';
import { postgresFacts } from '../../shared/postgres/server-facts.js';
import { rabbitFacts } from '../../shared/rabbitmq/server-facts.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { redisFacts } from '../../shared/redis/server-facts.js';
import { loadWorkers, type RegisteredWorker, workerNames } from '../../workers/registry.js';
import { ApiAway, ApiRefused, type OperatorApi } from './api.js';
import { type Finding, onPostgres, onRabbit, onRedis } from './diagnosis.js';
import { environmentFaults } from './environment-faults.js';

/** What is looked at one by one, so that one that is not set keeps nobody from looking at the others. */
const SERVERS = {
  postgres: { url: variables.databaseUrl, connections: variables.databaseConnections },
  rabbitmq: { urls: variables.rabbitmqUrls },
  redis: { url: variables.redisUrl },
} as const;

/** Each server is looked at, whatever the others say. */
export async function examine(api: OperatorApi): Promise<Finding[]> {
  const workers = await loadWorkers(await workerNames());
  const fleet = (databaseConnections: number) => ({ workers: workers.length, databaseConnections });
  const queues = topologyOf(workers.flatMap(({ actors }) => actors.map(({ definition }) => definition))).queues;
  return [
    configuration(workers),
    ...(await looked('PostgreSQL', SERVERS.postgres, async ({ url, connections }) => {
      const database = new Database({ url, connections: 1, applicationName: 'warren doctor' });
      try {
        return onPostgres(await postgresFacts(database), await pendingMigrations(database), fleet(connections));
      } finally {
        await database.close();
      }
    })),
    ...(await looked('RabbitMQ', SERVERS.rabbitmq, async ({ urls: [url = ''] }) =>
      onRabbit(
        await rabbitFacts(
          url,
          queues.map(({ name }) => name),
        ),
      ),
    )),
    ...(await looked('Redis', SERVERS.redis, async ({ url }) => onRedis(await redisFacts(url), fleet(0)))),
    await web(api),
  ];
}

function configuration(workers: readonly RegisteredWorker[]): Finding {
  const what = 'configuration';
  const faults = environmentFaults(workers, process.env);
  return faults.length === 0
    ? { what, well: true, says: 'every variable of every process is as it should be' }
    : { what, well: false, says: faults.join('; '), remedy: 'set them as docs/configuration.md says' };
}

/** What a look at a server finds, which may be that it cannot be looked at. */
async function looked<V extends (typeof SERVERS)[keyof typeof SERVERS]>(
  what: string,
  settings: V,
  look: (settings: Parsed<V>) => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    return await look(readVariables(settings, process.env));
  } catch (error) {
    const says =
      error instanceof EnvironmentFaults ? error.faults.join('; ') : `does not let us in: ${whatItSays(error)}`;
    return [{ what, well: false, says, remedy: 'start it, or mend its URL, user and password' }];
  }
}

async function web(api: OperatorApi): Promise<Finding> {
  const what = 'web';
  try {
    const { name, role } = await api.get<{ readonly name: string; readonly role: string }>('/me');
    return { what, well: true, says: `answers; the key is that of ${name}, ${role}` };
  } catch (error) {
    if (!(error instanceof ApiAway || error instanceof ApiRefused)) throw error;
    return { what, well: false, says: error.message, remedy: 'start it, or give another address or key' };
  }
}

/** Some errors of connecting say nothing but their code. */
const whatItSays = (error: unknown): string => {
  const { message, code } = error as { readonly message?: string; readonly code?: string };
  return message || code || String(error);
};
