/**
 * Publishes timers when they are due, does what recurs, measures the fleet, and raises alerts. PostgreSQL is the truth about timers; the clock in Redis only
 * makes them punctual. A round every few seconds sets the alarms of the next seconds and publishes what no alarm has rung for.
 */
import { randomUUID } from 'node:crypto';
import { listenersOfFleet } from '../../audit/listeners.js';
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import { maintenanceRuns } from '../../shared/observability/metrics.js';
import { within } from '../../shared/observability/shutdown.js';
import { takeOrderEnds } from '../../shared/postgres/order-ends.js';
import { secondsAhead } from '../../shared/postgres/timers.js';
import { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { Clock } from '../../shared/redis/clock.js';
import { Alerting } from './alerts/alerting.js';
import { logReceiver } from './alerts/log-receiver.js';
import { AlertSettings } from './alerts/settings.js';
import { fireTimers } from './fire-timers.js';
import { readFleet } from './fleet-readings.js';
import { maintenance } from './maintenance.js';
import { ORDER_ENDS, reportOrderEnds, reportReadings } from './report-readings.js';
import { Retention } from './retention.js';

/** A timer is late by this and a little at most, and only when it was shorter than this, or Redis does not ring. */
const ROUND_MS = 5000;
/** Alarms are set for twice the time to the next round, so that a late one misses none. */
const AHEAD_MS = 2 * ROUND_MS;
const MEASURE_MS = 15_000;
/** For giving up the turn with the alerts; otherwise it lapses. */
const LEAVE_MS = 1000;

export const worker: Worker = {
  start(parts, { redisUrl, redisTlsRejectUnauthorized }, container): Running {
    const { consuming, database, release, log } = parts;
    const fire = () => fireTimers(parts);

    const clock = new Clock(
      {
        url: redisUrl,
        rejectUnauthorized: redisTlsRejectUnauthorized === '1',
        onAlarm: fire,
        recurring: maintenance(parts, container.resolve<Retention>(Retention)),
        onRun: (name, outcome) => maintenanceRuns.inc({ name, outcome }),
      },
      log,
    );

    log.info({ redisConnections: 2 }, 'the clock needs as many connections besides');
    const rounds = new Rounds(async () => {
      await fire();
      await Promise.all([clock.setAlarms(await secondsAhead(database, AHEAD_MS)), clock.ensureRecurring()]);
      return ROUND_MS;
    }, log);
    const counts = new QueueCounts(consuming);
    const { receivers, ...settings } = container.resolve<AlertSettings>(AlertSettings);
    const own = { ...settings, receivers: [logReceiver(log), ...receivers], release, holder: randomUUID() };
    const alerting = new Alerting(database, own, log);
    const measure = new Rounds(async () => {
      const readings = await readFleet(database, counts, await listenersOfFleet());
      reportReadings(readings);
      await alerting.round(readings);
      reportOrderEnds(await takeOrderEnds(database, ORDER_ENDS));
      return MEASURE_MS;
    }, log);

    return {
      // Without Redis it works as well, a few seconds later.
      readiness: () => true,
      async stop() {
        await Promise.all([rounds.stop(), measure.stop()]);
        await Promise.all([clock.close(), within(LEAVE_MS, alerting.stop())]);
      },
    };
  },
};
