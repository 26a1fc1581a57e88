/** Sends what stands in the outbox past its lease. */
import { sweepOutbox } from '../../shared/actors/outbox-sweep.js';
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import { on } from '../../shared/privileges/needs.js';

const IDLE_MS = 1000;

export const worker: Worker = {
  // It sends what anybody has stored, so it may send everything.
  needs: {
    tables: [on('event_log', 'select'), on('outbox', 'select', 'update', 'delete')],
    publishes: 'everything',
  },
  start(parts): Running {
    const { publisher, log } = parts;
    const sweep = new Rounds('sweeping the outbox', async () => ((await sweepOutbox(parts)) ? 0 : IDLE_MS), log);
    return {
      readiness: () => (publisher.ready ? true : 'no channel to the broker'),
      stop: () => sweep.stop(),
    };
  },
};
