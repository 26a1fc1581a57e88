/**
 * Looks after dead letters: files those that come by the queue, sends back those that are to be redriven, works off jobs, and
 * counts what stands.
 */
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import { deadLettersStanding } from '../../shared/observability/metrics.js';
import { Rest } from '../../shared/observability/rest.js';
import { countStanding } from '../../shared/postgres/dead-letter-list.js';
import { settleRedriven } from '../../shared/postgres/redrives.js';
import { on } from '../../shared/privileges/needs.js';
import { DEAD_LETTERS } from '../../shared/rabbitmq/topology.js';
import { Filing } from './filing.js';
import { sendRedrives } from './redrive.js';
import { workOffJob } from './work-off-job.js';

const IDLE_MS = 1000;
/** While letters are on their way the next in line follow soon, and another job may be due. */
const BUSY_MS = 50;
const MEASURE_MS = 10_000;

export const worker: Worker = {
  needs: {
    tables: [
      on('dead_letters', 'select', 'insert', 'update'),
      on('dead_letter_changes', 'select', 'insert'),
      on('inbox', 'select', 'insert', 'delete'),
      on('queue_settings', 'select'),
      on('redrive_jobs', 'select', 'update'),
    ],
    addressesActors: true,
    consumes: [DEAD_LETTERS],
  },
  start({ consuming, publisher, database, release, log }): Running {
    const filing = new Filing(consuming, database, log);
    const rest = new Rest();
    const redriving = new Rounds(
      'redriving',
      async () => {
        const settled = await settleRedriven(database);
        const worked = await workOffJob(database, release, log);
        // Leasing what cannot be sent would only put it off.
        const sent = publisher.ready ? await sendRedrives(database, publisher, { release, log }) : 0;
        if (!worked && settled + sent === 0) return rest.pauseMs(IDLE_MS);
        // What was sent comes back within the minute, or another of its line or job has its turn.
        rest.disturb();
        return BUSY_MS;
      },
      log,
    );
    const measure = new Rounds(
      'counting dead letters',
      async () => {
        const standing = await countStanding(database);
        deadLettersStanding.reset();
        for (const { count, ...labels } of standing) deadLettersStanding.set(labels, count);
        return MEASURE_MS;
      },
      log,
    );
    return {
      readiness: () => (filing.subscribed ? true : `not subscribed to ${DEAD_LETTERS}`),
      async stop(graceMs) {
        await Promise.all([filing.stop(graceMs), redriving.stop(), measure.stop()]);
      },
    };
  },
};
