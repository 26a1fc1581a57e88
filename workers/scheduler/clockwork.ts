/**
 * Publishes timers when they are due, and does what recurs. PostgreSQL is the truth about timers; the clock in Redis only
 * makes them punctual. A round every few seconds sets the alarms of the next seconds and publishes what no alarm has rung for.
 */
import type { Environment } from '../../config/environment.js';
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import { Rounds } from '../../shared/actors/rounds.js';
import { maintenanceRuns } from '../../shared/observability/metrics.js';
import { secondsAhead } from '../../shared/postgres/timers.js';
import { Clock, type Recurring } from '../../shared/redis/clock.js';
import { fireTimers } from './fire-timers.js';

/** A timer is late by this and a little at most, and only when it was shorter than this, or Redis does not ring. */
const ROUND_MS = 5000;
/** Alarms are set for twice the time to the next round, so that a late one misses none. */
const AHEAD_MS = 2 * ROUND_MS;

export class Clockwork {
  readonly #clock: Clock;
  readonly #rounds: Rounds;

  constructor(
    parts: ProcessParts,
    recurring: Readonly<Record<string, Recurring>>,
    { redisUrl }: Pick<Environment, 'redisUrl'>,
  ) {
    const fire = (): Promise<void> => fireTimers(parts);
    this.#clock = new Clock(
      {
        url: redisUrl,
        onAlarm: fire,
        recurring,
        onRun: (name, outcome) => maintenanceRuns.inc({ name, outcome }),
      },
      parts.log,
    );
    parts.log.info({ redisConnections: 2 }, 'the clock needs as many connections besides');
    this.#rounds = new Rounds(
      'timers',
      async () => {
        await fire();
        const ahead = await secondsAhead(parts.database, AHEAD_MS);
        await Promise.all([this.#clock.setAlarms(ahead), this.#clock.ensureRecurring()]);
        return ROUND_MS;
      },
      parts.log,
    );
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#clock.close();
  }
}
