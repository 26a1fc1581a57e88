/** The intake as it is put together, without servers: for what can be told of its routes. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RegisteredRoute } from '../../api/reference/route-notes.js';
import { routesKnown } from '../../api/reference/routes-known.js';
import { buildServer } from '../../api/server.js';
import type { App } from '../../api/type-provider.js';
import { createLogger } from '../../shared/observability/log.js';
import { Database } from '../../shared/postgres/database.js';
import { topologyOf } from '../../shared/rabbitmq/topology.js';
import { testKeyring } from './keyring.js';

export interface UnservedIntake {
  readonly app: App;
  /** All there are once the app is ready. */
  readonly routes: readonly RegisteredRoute[];
  readonly close: () => Promise<void>;
}

export function unservedIntake(): UnservedIntake {
  let routes: readonly RegisteredRoute[] = [];
  const listen = (message: unknown): void => {
    // Fastify tells of each app that is made, before it has routes.
    routes = routesKnown((message as { readonly fastify: App }).fastify);
  };
  const database = new Database({ url: 'postgres://127.0.0.1:1/nobody', connections: 1, applicationName: 'docs' });
  subscribe('fastify.initialization', listen);
  try {
    const app = buildServer({
      database,
      dispatcher: { dispatch: () => undefined },
      keyring: testKeyring,
      outboxLeaseMs: 0,
      paymentDeadlineMs: 1_800_000,
      limits: { requests: 1000, outbox: 1 },
      log: createLogger({ logLevel: 'silent', logFormat: 'json' }, 'web'),
      fleet: {
        actors: async () => [],
        queues: { count: async () => [] },
        topology: { declared: async () => topologyOf([]), urls: [], managementUrl: undefined },
        traces: { viewerUrl: undefined, ratio: 0 },
      },
      health: { needed: { checks: {} }, wanted: { checks: {} } },
    });
    const close = async (): Promise<void> => {
      await app.close();
      await database.close();
    };
    return { app, routes, close };
  } finally {
    unsubscribe('fastify.initialization', listen);
  }
}
