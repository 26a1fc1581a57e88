/** Puts the intake together from its parts. */
import Fastify, { type FastifyBaseLogger } from 'fastify';
import { type AddressRules, resolveByDns } from '../shared/http/outside-address.js';
import type { Database } from '../shared/postgres/database.js';
import { StorefrontRows } from '../shared/postgres/storefront-rows.js';
import { BODY_AT_MOST, fastifyOptions } from './fastify-options.js';
import { type Health, healthRoutes } from './health.js';
import { Admission } from './intake/admission.js';
import { type Lateness, LoopDelay } from './intake/loop-delay.js';
import { OutboxWatch } from './intake/outbox-watch.js';
import { NO_RATES, RateLimits, type RateLimitsOptions, type Rates } from './intake/rates/rate-limits.js';
import type { Limits } from './intake/room.js';
import { acceptJsonOnly } from './json-body.js';
import { intakeRefused, intakeWaiting, requestSeconds, requestsAnswered } from './metrics.js';
import { OperatorAuthentication } from './operators/authentication.js';
import type { Operating } from './operators/operating.js';
import { liveStatus } from './operators/status/status-route.js';
import { StatusStream } from './operators/status/status-stream.js';
import { Turns } from './operators/turns.js';
import { AWAITED_AT_MOST, AwaitedOrders } from './orders/awaited-orders.js';
import { EventStreams, STREAMS_AT_MOST } from './orders/event-stream.js';
import { OrderQueue } from './orders/order-queue.js';
import type { Placing } from './orders/placement.js';
import { prepareWaits, waitOf } from './preferred-wait.js';
import { methodsAt, routesKnown } from './reference/routes-known.js';
import { refuse, refuseUnknownRoute } from './refusal.js';
import { serveOpenly, serveOperators, serveStorefronts } from './routes.js';
import { Authentication } from './storefronts/authentication.js';
import type { KeyMode } from './storefronts/key.js';
import { keysLetIn } from './storefronts/stored-keys.js';
import type { App } from './type-provider.js';
import { ARRIVES_WITHIN_MS, refuseUnmet } from './unread-request.js';

/** Connections open at once; one on top is closed unanswered. Each costs memory, and a file that is open. */
const CONNECTIONS_AT_MOST = 10_000;

export interface Parts extends Omit<Placing, 'rows'> {
  readonly database: Database;
  /** For a request to arrive, headers and body, in milliseconds. @default 30_000 */
  readonly arrivesWithinMs?: number;
  /** Requests that may wait for their order at once. @default 2000 */
  readonly awaitedAtMost?: number;
  /** Event streams of orders that may be open at once. @default 6000 */
  readonly streamsAtMost?: number;
  /** @default 10_000 */
  readonly connectionsAtMost?: number;
  /** Keys of operators that are let in nowhere. */
  readonly refusedKeys?: readonly string[];
  /** Of the keys of storefronts that are made here; those for tests are let in only where they are. @default 'live' */
  readonly keyMode?: KeyMode;
  /** Lets the console be used over plain HTTP, and says in it which keys everybody knows. @default false */
  readonly development?: boolean;
  /** The fleet as operators see it. */
  readonly fleet: Pick<Operating, 'actors' | 'queues' | 'topology' | 'traces'>;
  readonly health: Health;
  /** True from when the process was told to stop, though it goes on for a moment. @default never */
  readonly isLeaving?: () => boolean;
  readonly limits: Limits;
  /** How late the event loop is. @default that of this process */
  readonly loopDelay?: Lateness;
  readonly log: FastifyBaseLogger;
  /** Makes the rates those of the fleet. */
  readonly quotaLedger?: RateLimitsOptions['ledger'];
  /** @default as many as come */
  readonly rates?: Rates;
  /** Addresses, or ranges of them, whose X-Forwarded-For is believed. @default none */
  readonly trustedProxies?: string[];
  /** Shows what the API is to whoever asks. @default true */
  readonly reference?: boolean;
  /** Where webhooks may go. @default public addresses only */
  readonly webhookTargets?: AddressRules;
}

/** The intake, ready to listen. Closing it ends the event streams and the waits for orders, and finishes the requests that were begun. */
export function buildServer({
  arrivesWithinMs = ARRIVES_WITHIN_MS,
  awaitedAtMost = AWAITED_AT_MOST,
  connectionsAtMost = CONNECTIONS_AT_MOST,
  development = false,
  fleet,
  health,
  limits,
  log,
  loopDelay = new LoopDelay(),
  quotaLedger,
  rates = NO_RATES,
  reference = true,
  refusedKeys,
  keyMode = 'live',
  isLeaving = () => false,
  streamsAtMost = STREAMS_AT_MOST,
  trustedProxies = [],
  webhookTargets = { resolve: resolveByDns, allowInside: false },
  ...parts
}: Parts): App {
  const { database } = parts;
  const rows = new StorefrontRows(database);
  const placing: Placing = { ...parts, rows };
  const app: App = Fastify(fastifyOptions({ arrivesWithinMs, log, trustedProxies }));
  const queue = new OrderQueue(placing, {
    onWaiting: (count) => intakeWaiting.set(count),
    onRefused: () => intakeRefused.inc({ full: 'queue' }),
  });
  const outbox = new OutboxWatch(database, limits.outbox, log);
  const admission = new Admission({
    limits,
    bodyAtMost: BODY_AT_MOST,
    loopDelayMs: () => loopDelay.ms,
    unsent: () => outbox.unsent,
  });
  const streams = new EventStreams(rows, {
    letIn: (keyIds) => keysLetIn(database, keyIds),
    atMost: streamsAtMost,
    log,
  });
  const awaited = new AwaitedOrders(placing, log, awaitedAtMost);
  const authentication = new Authentication(database, keyMode);
  const operating: Operating = { ...parts, ...fleet, keyMode };
  const turns = new Turns();
  const operators = new OperatorAuthentication(database, refusedKeys);
  const limiting = new RateLimits({
    rates,
    ledger: quotaLedger,
    isKnown: (request) => authentication.knows(request) || operators.knows(request),
  });
  const status = new StatusStream({ look: () => turns.carryOut(() => liveStatus(operating)), log });

  app.server.maxConnections = connectionsAtMost;
  app.server.on('drop', () => intakeRefused.inc({ full: 'connections' }));
  const routes = routesKnown(app);
  refuseUnmet(app);
  acceptJsonOnly(app);
  admission.prepare(app);
  prepareWaits(app);
  authentication.prepare(app);
  operators.prepare(app);
  app.setErrorHandler(refuse);
  app.setNotFoundHandler(refuseUnknownRoute((url) => methodsAt(routes, url)));
  observeRequests(app);
  closeInOrder(app, { waits: [awaited, streams, status], needed: [queue, loopDelay, limiting, outbox], isLeaving });

  healthRoutes(app, {
    ...health,
    wanted: { checks: { ...health.wanted.checks, intake: () => admission.readiness() } },
  });
  serveStorefronts(app, {
    doors: { admission, authentication, limiting },
    placing,
    queue,
    awaited,
    streams,
    keyring: parts.keyring,
    webhookTargets,
  });
  serveOpenly(app, { doors: { admission, limiting }, operators, development, routes: reference ? routes : undefined });
  serveOperators(app, { doors: { admission, limiting }, operators, operating, status, turns });
  return app;
}

function observeRequests(app: App): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    requestsAnswered.inc({ method: request.method, route, status: reply.statusCode });
    requestSeconds.observe({ route }, (reply.elapsedTime - waitOf(request)) / 1000);
    done();
  });
}

interface Closing {
  /** Ended first: it would keep requests from their end. */
  readonly waits: readonly { close(): void }[];
  /** Ended when all requests are answered, which need it. */
  readonly needed: readonly { close(): void | Promise<void> }[];
  readonly isLeaving: () => boolean;
}

function closeInOrder(app: App, { waits, needed, isLeaving }: Closing): void {
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
    for (const one of waits) one.close();
  });
  // A connection whose last request is answered while closing would be kept alive, and hold the process up; and a request that
  // is on its way into one that is idle when it is closed gets no answer.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing || isLeaving()) reply.header('connection', 'close');
    done();
  });
  app.addHook('onClose', async () => {
    for (const one of needed) await one.close();
  });
}
