/** A process of workers: everything they share is made here, once, and ended here. */
import { container as rootContainer } from 'tsyringe';
import { type Environment, listenHost, warningsOf } from '../config/environment.js';
import { readVariableGroups } from '../config/variable.js';
import { Isolation } from '../shared/actors/isolation.js';
import { OutboxDispatcher } from '../shared/actors/outbox-dispatcher.js';
import type { ProcessParts } from '../shared/actors/process-parts.js';
import { QueueSettingsWatch } from '../shared/actors/queue-settings-watch.js';
import { SignsOfLife } from '../shared/actors/signs-of-life.js';
import { armFailpoint } from '../shared/observability/failpoint.js';
import { keptForASecond, serveHealth } from '../shared/observability/health.js';
import { createLogger, type Logger } from '../shared/observability/log.js';
import { onStopSignal, within } from '../shared/observability/shutdown.js';
import { startTracing, stopTracing } from '../shared/observability/tracing.js';
import { Database } from '../shared/postgres/database.js';
import { BrokerConnection } from '../shared/rabbitmq/connection.js';
import { Publisher } from '../shared/rabbitmq/publisher.js';
import { Cache } from '../shared/redis/cache.js';
import { Keyring } from '../shared/secrets/keyring.js';
import type { RegisteredWorker } from './registry.js';
import { composeWorkers, startActors } from './start-actors.js';
import { variablesOfWorkers } from './variables.js';

/** For finishing what is begun; with what comes after it the process ends within 25 s. */
const GRACE_MS = 10_000;
const FLUSH_MS = 3000;
const CLOSE_MS = 2000;

/** Starts the workers and returns when they run; they end at SIGTERM or SIGINT. @throws {EnvironmentFaults} */
export async function startWorkers(workers: readonly RegisteredWorker[]): Promise<void> {
  const { base, ...settings } = readVariableGroups(variablesOfWorkers(workers), process.env);
  armFailpoint(base);
  const label = workers.map(({ name }) => name).join('+');
  const log = createLogger(base, label);
  for (const warning of warningsOf(base)) log.warn(warning);
  await startTracing(base, label, log);

  const { parts, consuming, publishing, cache } = partsOf(base, label, log);
  const { database, publisher, dispatcher } = parts;
  const container = rootContainer.createChildContainer();
  container.registerInstance(Keyring, parts.keyring);
  const { closings, providersOf } = composeWorkers(workers, { container, settings, parts });
  const { runners, running } = startActors(workers, { container, settings, parts, providersOf });
  for (const { name, worker } of workers)
    if (worker !== undefined)
      running.set(runners.has(name) ? `${name} worker` : name, worker.start(parts, base, container));
  const settingsWatch = runners.size > 0 ? new QueueSettingsWatch(runners, { database, log }) : undefined;

  const checks = {
    postgres: keptForASecond(() => database.query({ text: 'select 1' }).then(() => true as const)),
    rabbitmq: () => (consuming.connected ? publisher.readiness() : 'not connected'),
    ...(settingsWatch === undefined ? {} : { settings: () => settingsWatch.readiness() }),
    ...Object.fromEntries([...running].map(([name, one]) => [name, () => one.readiness()])),
  };
  const health = await serveHealth({ checks }, { host: listenHost(base), port: base.healthPort });
  // Last: a process that cannot start takes no message, and so counts no delivery.
  consuming.open();
  publishing.open();
  const life = new SignsOfLife({ kind: label, database, release: base.release, log, actors: runners });
  log.info(
    {
      healthPort: health.port,
      actors: [...running.keys()],
      postgresConnections: base.databaseConnections,
      rabbitmqConnections: 2,
      redisConnections: 1,
    },
    'started; each process like this one needs as many connections',
  );

  onStopSignal(log, async () => {
    const ends = [...running.values()].map((one) => one.stop(GRACE_MS));
    if (settingsWatch !== undefined) ends.push(settingsWatch.stop());
    await Promise.all(ends.map((end) => within(GRACE_MS + 6000, end)));
    await within(FLUSH_MS, Promise.all([dispatcher.flush(), life.stop()]));
    await publisher.close();
    await within(
      CLOSE_MS,
      Promise.all([
        consuming.close(),
        publishing.close(),
        database.close(),
        stopTracing(),
        ...closings.map((close) => close()),
      ]),
    );
    await cache.close();
    await health.close();
  });
}

/** What the workers share, and those of its connections that are opened and closed here. */
function partsOf(base: Environment, label: string, log: Logger) {
  const database = new Database({
    url: base.databaseUrl,
    connections: base.databaseConnections,
    applicationName: `warren ${label}`,
  });
  const consuming = new BrokerConnection(base.rabbitmqUrls, `warren ${label} consuming`, log);
  const publishing = new BrokerConnection(base.rabbitmqUrls, `warren ${label} publishing`, log);
  const cache = new Cache({ url: base.redisUrl }, log);
  const publisher = new Publisher(publishing, log);
  const parts: ProcessParts = {
    consuming,
    publisher,
    dispatcher: new OutboxDispatcher(publisher, database, log),
    database,
    cache,
    isolation: new Isolation(),
    keyring: new Keyring(base.encryptionKeys),
    outboxLeaseMs: base.outboxLeaseMs,
    release: base.release,
    log,
  };
  return { parts, consuming, publishing, cache };
}
