/** Sends what stands in the outbox past its lease: messages of processes that died, or that could not reach the broker. */
import type { Running, Worker } from '../../shared/actors/worker.js';
import { outboxAgeSeconds, outboxDepth } from '../../shared/observability/metrics.js';
import { ensurePartitions } from '../../shared/postgres/migrate.js';
import { leaseUnsent, outboxBacklog } from '../../shared/postgres/outbox.js';
import { Rounds } from './rounds.js';

const AT_ONCE = 500;
const IDLE_MS = 1000;
const MEASURE_MS = 10_000;
const HOUR_MS = 3_600_000;

export const worker: Worker = {
  start({ database, dispatcher, publisher, outboxLeaseMs, log }): Running {
    const sweep = new Rounds(async () => {
      // Leasing what cannot be sent would only put it off.
      if (!publisher.ready) return IDLE_MS;
      const messages = await leaseUnsent(database, AT_ONCE, outboxLeaseMs);
      if (messages.length === 0) return IDLE_MS;
      const confirmed = await dispatcher.send(messages);
      log.info({ taken: messages.length, confirmed }, 'sent what was left in the outbox');
      return messages.length === AT_ONCE && confirmed > 0 ? 0 : IDLE_MS;
    }, log);
    const measure = new Rounds(async () => {
      const { depth, oldestMs } = await outboxBacklog(database);
      outboxDepth.set(depth);
      outboxAgeSeconds.set(oldestMs / 1000);
      return MEASURE_MS;
    }, log);
    const partitions = new Rounds(async () => {
      await ensurePartitions(database);
      return HOUR_MS;
    }, log);
    return {
      readiness: () => (publisher.ready ? true : 'no channel to the broker'),
      async stop() {
        await Promise.all([sweep.stop(), measure.stop(), partitions.stop()]);
      },
    };
  },
};
