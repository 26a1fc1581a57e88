/** `/webhooks`: where a storefront wants to be told of its orders, what it was told, and telling it once more. */
import type { AddressRules } from '../../shared/http/outside-address.js';
import type { App } from '../type-provider.js';
import { changeEndpointRoute } from './change-endpoint.js';
import { deleteEndpointRoute } from './delete-endpoint.js';
import type { Storing } from './endpoint-rows.js';
import { listDeliveriesRoute } from './list-deliveries.js';
import { makeEndpointRoute } from './make-endpoint.js';
import { readDeliveryRoute } from './read-delivery.js';
import { readEndpointsRoutes } from './read-endpoints.js';
import { replayDeliveryRoute } from './replay-delivery.js';
import { replayEndpointRoute } from './replay-endpoint.js';
import { rotateSecretRoute } from './rotate-secret.js';
import { testEndpointRoute } from './test-endpoint.js';

/** @param rules for the addresses that webhooks may go to */
export function webhookRoutes(app: App, storing: Storing, rules: AddressRules): void {
  const { own } = storing;
  makeEndpointRoute(app, storing, rules);
  readEndpointsRoutes(app, own);
  changeEndpointRoute(app, own, rules);
  deleteEndpointRoute(app, own);
  rotateSecretRoute(app, storing);
  listDeliveriesRoute(app, own);
  readDeliveryRoute(app, own);
  replayDeliveryRoute(app, own);
  replayEndpointRoute(app, own);
  testEndpointRoute(app, own);
}
