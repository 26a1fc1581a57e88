/** What web serves, by whom it lets in: each part of the app has doors of its own, which a request passes before its route. */
import type { AddressRules } from '../shared/http/outside-address.js';
import type { Keyring } from '../shared/secrets/keyring.js';
import { pageRoutes } from './console/page-routes.js';
import { sessionRoutes } from './console/session-routes.js';
import type { Admission } from './intake/admission.js';
import type { RateLimits } from './intake/rates/rate-limits.js';
import type { OperatorAuthentication } from './operators/authentication.js';
import type { Operating } from './operators/operating.js';
import { operatorRoutes } from './operators/operator-routes.js';
import type { StatusStream } from './operators/status/status-stream.js';
import { topologyRoutes } from './operators/topology/topology-routes.js';
import type { Turns } from './operators/turns.js';
import type { AwaitedOrders } from './orders/awaited-orders.js';
import { cancelOrderRoute } from './orders/cancel-order.js';
import type { EventStreams } from './orders/event-stream.js';
import { listOrdersRoute } from './orders/list-orders.js';
import { orderEventsRoute } from './orders/order-events.js';
import type { OrderQueue } from './orders/order-queue.js';
import { placeOrderRoute } from './orders/place-order.js';
import type { Placing } from './orders/placement.js';
import { readOrderRoute } from './orders/read-order.js';
import { referenceRoutes } from './reference/reference-routes.js';
import { recordRequests } from './request-spans.js';
import { listStockRoute } from './stock/list-stock.js';
import { putStockRoute } from './stock/put-stock.js';
import { readStockRoute } from './stock/read-stock.js';
import { receiveStockRoute } from './stock/receive-stock.js';
import type { Authentication } from './storefronts/authentication.js';
import type { App } from './type-provider.js';
import { webhookRoutes } from './webhooks/webhook-routes.js';

/** Everybody passes these. */
export interface Doors {
  readonly admission: Admission;
  readonly limiting: RateLimits;
}

export interface ForStorefronts {
  readonly doors: Doors & { readonly authentication: Authentication };
  readonly placing: Placing;
  readonly queue: OrderQueue;
  readonly awaited: AwaitedOrders;
  readonly streams: EventStreams;
  readonly keyring: Keyring;
  readonly webhookTargets: AddressRules;
}

/** What the key of a storefront opens. */
export function serveStorefronts(
  app: App,
  { doors, placing, queue, awaited, streams, keyring, webhookTargets }: ForStorefronts,
): void {
  const { authentication, limiting } = doors;
  const { rows } = placing;
  app.register(async (known) => {
    recordRequests(known);
    enter(known, doors);
    authentication.guard(known);
    limiting.guardKeys(known);
    authentication.guardScopes(known);
    placeOrderRoute(known, queue, awaited);
    listOrdersRoute(known, placing);
    readOrderRoute(known, placing);
    orderEventsRoute(known, rows, streams);
    cancelOrderRoute(known, placing);
    listStockRoute(known, rows);
    readStockRoute(known, rows);
    putStockRoute(known, rows);
    receiveStockRoute(known, rows);
    webhookRoutes(known, { own: rows, keyring }, webhookTargets);
  });
}

export interface ForAnybody {
  readonly doors: Doors;
  readonly operators: OperatorAuthentication;
  readonly development: boolean;
  /** What the reference describes; without them there is none. */
  readonly routes: Parameters<typeof referenceRoutes>[1] | undefined;
}

/** Pages and the reference, and signing in. */
export function serveOpenly(app: App, { doors, operators, development, routes }: ForAnybody): void {
  app.register(async (open) => {
    enter(open, doors);
    pageRoutes(open);
  });
  if (routes !== undefined) {
    app.register(async (open) => {
      enter(open, doors);
      referenceRoutes(open, routes);
    });
  }
  app.register(async (open) => {
    enter(open, doors);
    sessionRoutes(open, operators, development);
  });
}

export interface ForOperators {
  readonly doors: Doors;
  readonly operators: OperatorAuthentication;
  readonly operating: Operating;
  readonly status: Pick<StatusStream<unknown>, 'route'>;
  readonly turns: Turns;
}

/** What operators are served. */
export function serveOperators(app: App, { doors, operators, operating, status, turns }: ForOperators): void {
  app.register(async (known) => {
    enter(known, doors);
    known.addHook('onRequest', operators.check);
    status.route(known);
  });
  app.register(async (known) => {
    recordRequests(known);
    enter(known, doors);
    known.addHook('onRequest', operators.check);
    known.addHook('preHandler', turns.take);
    operatorRoutes(known, operating);
  });
  app.register(async (known) => {
    recordRequests(known);
    enter(known, doors);
    known.addHook('onRequest', operators.check);
    // Without a turn: it takes its time, and hardly a connection to PostgreSQL.
    topologyRoutes(known, operating);
  });
}

/** Addresses are limited first, and nothing of a request is read before there is room for it. */
function enter(scope: App, { admission, limiting }: Doors): void {
  limiting.guardAddresses(scope);
  scope.addHook('onRequest', admission.check);
}
