/** Sends what stands in the outbox past its lease, and measures what is left. */
import { sweepOutbox } from '../../shared/actors/outbox-sweep.js';
import { Rounds } from '../../shared/actors/rounds.js';
import type { Running, Worker } from '../../shared/actors/worker.js';
import { outboxAgeSeconds, outboxDepth } from '../../shared/observability/metrics.js';
import { outboxBacklog } from '../../shared/postgres/outbox.js';

const IDLE_MS = 1000;
const MEASURE_MS = 10_000;

export const worker: Worker = {
  start(parts): Running {
    const { database, publisher, log } = parts;
    const sweep = new Rounds(async () => ((await sweepOutbox(parts)) ? 0 : IDLE_MS), log);
    const measure = new Rounds(async () => {
      const { depth, oldestMs } = await outboxBacklog(database);
      outboxDepth.set(depth);
      outboxAgeSeconds.set(oldestMs / 1000);
      return MEASURE_MS;
    }, log);
    return {
      readiness: () => (publisher.ready ? true : 'no channel to the broker'),
      async stop() {
        await Promise.all([sweep.stop(), measure.stop()]);
      },
    };
  },
};
