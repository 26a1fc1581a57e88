/** Reads every few seconds what no process knows alone, and shows it as metrics and alerts. */
import { randomUUID } from 'node:crypto';
import { listenersOfFleet } from '../../audit/listeners.js';
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import { Rounds } from '../../shared/actors/rounds.js';
import { within } from '../../shared/observability/shutdown.js';
import { takeOrderEnds } from '../../shared/postgres/order-ends.js';
import { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { Alerting } from './alerts/alerting.js';
import { logReceiver } from './alerts/log-receiver.js';
import type { AlertSettings } from './alerts/settings.js';
import { readFleet } from './fleet-readings.js';
import { ORDER_ENDS, reportOrderEnds, reportReadings } from './report-readings.js';

const ROUND_MS = 15_000;
/** For giving up the turn with the alerts; otherwise it lapses. */
const LEAVE_MS = 1000;

export class FleetWatch {
  readonly #alerting: Alerting;
  readonly #rounds: Rounds;

  constructor({ consuming, database, release, log }: ProcessParts, { receivers, ...settings }: AlertSettings) {
    const own = { ...settings, receivers: [logReceiver(log), ...receivers], release, holder: randomUUID() };
    this.#alerting = new Alerting(database, own, log);
    const counts = new QueueCounts(consuming);
    this.#rounds = new Rounds(
      'watching the fleet',
      async () => {
        const readings = await readFleet(database, counts, await listenersOfFleet());
        reportReadings(readings);
        await this.#alerting.round(readings);
        reportOrderEnds(await takeOrderEnds(database, ORDER_ENDS));
        return ROUND_MS;
      },
      log,
    );
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
    await within(LEAVE_MS, this.#alerting.stop());
  }
}
