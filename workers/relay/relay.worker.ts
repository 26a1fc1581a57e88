/** Sends what stands in the outbox past its lease. */
import { sweepOutbox } from '../../shared/actors/outbox-sweep.js';
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';

const IDLE_MS = 1000;

export const worker: Worker = {
  start(parts): Running {
    const { publisher, log } = parts;
    const sweep = new Rounds(async () => ((await sweepOutbox(parts)) ? 0 : IDLE_MS), log);
    return {
      readiness: () => (publisher.ready ? true : 'no channel to the broker'),
      stop: () => sweep.stop(),
    };
  },
};
