/** `GET /operator/status`: whether the fleet is well, why not, and all figures that say so. */
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';
import { fleetStatus } from './status.js';
import { verdictOn } from './verdict.js';

export function statusRoute(app: App, operating: Operating): void {
  app.get('/operator/status', async () => {
    const status = await fleetStatus(operating);
    return { ...verdictOn(status), at: new Date(), ...status };
  });
}
