/** What operators ask web, and have it do: one at a time, so that none of it keeps orders waiting. */
import type { App } from '../type-provider.js';
import { auditRoute } from './audit-route.js';
import { changeLetterRoutes } from './dead-letters/change-letter.js';
import { changeLettersRoutes } from './dead-letters/change-letters.js';
import { readLetterRoutes } from './dead-letters/read-letters.js';
import { redriveJobRoutes } from './dead-letters/redrive-jobs.js';
import { readEventsRoute } from './events/read-events.js';
import { explanationRoute } from './explanation/explanation-route.js';
import { instancesRoute } from './instances/instances-route.js';
import { actionRoutes } from './list-actions.js';
import type { Operating } from './operating.js';
import { cancelRoute } from './orders/cancel-route.js';
import { orderMessagesRoute } from './orders/order-messages.js';
import { orderRoutes } from './orders/order-routes.js';
import { resendMailRoute } from './orders/resend-mail-route.js';
import { queueRoutes } from './queues/queue-routes.js';
import { changeReplayRoutes } from './replays/change-replay.js';
import { importMessagesRoutes } from './replays/import-messages.js';
import { makeReplayRoutes } from './replays/make-replay.js';
import { readReplayRoutes } from './replays/read-replays.js';
import { statusRoute } from './status/status-route.js';
import { keyRoutes } from './storefronts/key-routes.js';
import { storefrontRoutes } from './storefronts/storefront-routes.js';

export function operatorRoutes(app: App, operating: Operating): void {
  statusRoute(app, operating);
  orderRoutes(app, operating);
  orderMessagesRoute(app, operating);
  explanationRoute(app, operating);
  cancelRoute(app, operating);
  resendMailRoute(app, operating);
  readLetterRoutes(app, operating);
  changeLettersRoutes(app, operating);
  changeLetterRoutes(app, operating);
  redriveJobRoutes(app, operating);
  makeReplayRoutes(app, operating);
  readReplayRoutes(app, operating);
  changeReplayRoutes(app, operating);
  importMessagesRoutes(app, operating);
  readEventsRoute(app, operating);
  queueRoutes(app, operating);
  instancesRoute(app, operating.database);
  storefrontRoutes(app, operating);
  keyRoutes(app, operating);
  actionRoutes(app, operating.database);
  auditRoute(app, operating.database);
}
