/**
 * Looks after the alerts, a round at a time: what the readings mean, whom that raises or resolves, and who is told. One
 * scheduler has the turn. A receiver gets one message a round at most, with all the news; one that does not take it is
 * tried again, less and less often, and told then how things stand by that time.
 */

import type { Logger } from '../../../shared/observability/log.js';
import { alertsRaised, alertsTold } from '../../../shared/observability/metrics.js';
import { reasonOf } from '../../../shared/observability/reason.js';
import { AlertBook } from '../../../shared/postgres/alert-book.js';
import type { Database } from '../../../shared/postgres/database.js';
import type { FleetReadings } from '../fleet-readings.js';
import { type Alert, keyOf, RULES } from './alert.js';
import { conditionsOf, type Thresholds } from './conditions.js';
import { evaluate } from './evaluate.js';
import { newsFor, stillToKeep, whenTold } from './news.js';
import type { Receiver } from './receiver.js';

const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 600_000;

export interface AlertingOptions {
  readonly thresholds: Thresholds;
  readonly receivers: readonly Receiver[];
  /** An alert that stands is told again after so long, in milliseconds. */
  readonly repeatMs: number;
  readonly release: string;
  /** Of this process, a UUID. */
  readonly holder: string;
}

export class Alerting {
  readonly #options: AlertingOptions;
  readonly #book: AlertBook<Alert>;
  readonly #log: Logger;
  /** Of receivers that did not take it. */
  readonly #failures = new Map<string, { readonly times: number; readonly notBefore: number }>();

  constructor(database: Database, options: AlertingOptions, log: Logger) {
    this.#options = options;
    this.#book = new AlertBook(database, options.holder);
    this.#log = log;
  }

  async round(readings: FleetReadings): Promise<void> {
    const now = await this.#book.takeTurn();
    alertsRaised.reset();
    if (now === undefined) return;
    const { thresholds, receivers } = this.#options;
    let alerts = evaluate(await this.#book.read(), conditionsOf(readings, thresholds), now);
    this.#measure(alerts);
    // Before anybody is told: a process that dies then has seen nothing that the next does not know.
    await this.#write(alerts);
    for (const receiver of receivers) alerts = await this.#tell(receiver, alerts, now);
    const names = receivers.map(({ name }) => name);
    await this.#write(stillToKeep(alerts, names));
  }

  /** Leaves the rest to another scheduler, if there is one. */
  stop(): Promise<void> {
    return this.#book.leave();
  }

  async #tell(receiver: Receiver, alerts: Alert[], now: number): Promise<Alert[]> {
    const { repeatMs, release } = this.#options;
    const { name } = receiver;
    const { times = 0, notBefore = 0 } = this.#failures.get(name) ?? {};
    const news = newsFor(name, alerts, now, repeatMs);
    if (news.length === 0 || now < notBefore) return alerts;
    try {
      await receiver.tell({ news, release, at: new Date(now) });
    } catch (error) {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** times, LONGEST_PAUSE_MS);
      this.#failures.set(name, { times: times + 1, notBefore: now + pauseMs });
      alertsTold.inc({ receiver: name, outcome: 'failed' });
      const reason = reasonOf(error);
      this.#log.warn({ receiver: name, reason, againInMs: pauseMs }, 'could not tell of an alert; trying again');
      return alerts;
    }
    this.#failures.delete(name);
    alertsTold.inc({ receiver: name, outcome: 'told' });
    return whenTold(name, news, alerts, now);
  }

  #measure(alerts: readonly Alert[]): void {
    for (const rule of Object.keys(RULES)) {
      alertsRaised.set({ rule }, alerts.filter((alert) => alert.rule === rule && alert.phase === 'raised').length);
    }
  }

  #write(alerts: readonly Alert[]): Promise<void> {
    return this.#book.write(new Map(alerts.map((alert) => [keyOf(alert), alert])));
  }
}
