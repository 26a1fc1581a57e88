/** Publishes timers when they are due, does what recurs, and watches the fleet. */
import type { Running, Worker } from '../../shared/actors/worker.js';
import { AlertSettings } from './alerts/settings.js';
import { Clockwork } from './clockwork.js';
import { FleetWatch } from './fleet-watch.js';
import { maintenance } from './maintenance.js';
import { needs } from './needs.js';
import { Retention } from './retention.js';

export const worker: Worker = {
  needs,
  start(parts, environment, container): Running {
    const recurring = maintenance(parts, container.resolve<Retention>(Retention));
    const clockwork = new Clockwork(parts, recurring, environment);
    const watch = new FleetWatch(parts, container.resolve<AlertSettings>(AlertSettings));
    return {
      // Without Redis it works as well, a few seconds later.
      readiness: () => true,
      async stop() {
        await Promise.all([clockwork.stop(), watch.stop()]);
      },
    };
  },
};
