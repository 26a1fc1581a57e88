/**
 * Publishes timers when they are due, does what recurs, and measures the fleet. PostgreSQL is the truth about timers; the clock in Redis only
 * makes them punctual. A round every few seconds sets the alarms of the next seconds and publishes what no alarm has rung for.
 */
import { listenersOfFleet } from '../../audit/listeners.js';
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import { maintenanceRuns } from '../../shared/observability/metrics.js';
import { takeOrderEnds } from '../../shared/postgres/order-ends.js';
import { secondsAhead } from '../../shared/postgres/timers.js';
import { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { Clock } from '../../shared/redis/clock.js';
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

export const worker: Worker = {
  start(parts, { redisUrl, redisTlsRejectUnauthorized }, container): Running {
    const { consuming, database, log } = parts;
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
    const measure = new Rounds(async () => {
      reportReadings(await readFleet(database, counts, await listenersOfFleet()));
      reportOrderEnds(await takeOrderEnds(database, ORDER_ENDS));
      return MEASURE_MS;
    }, log);

    return {
      // Without Redis it works as well, a few seconds later.
      readiness: () => true,
      async stop() {
        await Promise.all([rounds.stop(), measure.stop()]);
        await clock.close();
      },
    };
  },
};
