/** What is known of the fleet as a whole, and of no process alone: read in one place, for the metrics and for the alerts. */

import { type AuditResult, auditResults } from '../../shared/postgres/audit-results.js';
import type { Database } from '../../shared/postgres/database.js';
import { countStanding, type StandingLetters } from '../../shared/postgres/dead-letter-list.js';
import { type Bound, measureLag } from '../../shared/postgres/lag.js';
import { type Notice, notices } from '../../shared/postgres/notices.js';
import { outboxBacklog } from '../../shared/postgres/outbox.js';
import { type QueuePause, queueSettings } from '../../shared/postgres/queue-settings.js';
import { timersBacklog } from '../../shared/postgres/timers.js';
import type { QueueCounts } from '../../shared/rabbitmq/queue-counts.js';
import { DEAD_LETTERS, RETRY_RUNGS } from '../../shared/rabbitmq/topology.js';

export interface QueueReading {
  readonly queue: string;
  /** True for a queue that somebody ought to take from. */
  readonly consumed: boolean;
  /** Undefined where it is not known. */
  readonly lagMs?: number | undefined;
  /** Undefined while the broker does not tell, or has no such queue. */
  readonly waiting?: number | undefined;
  readonly consumers?: number | undefined;
  /** By an operator, who wants nobody to take from it. */
  readonly paused?: QueuePause | undefined;
}

export interface FleetReadings {
  readonly queues: readonly QueueReading[];
  readonly outbox: { readonly depth: number; readonly oldestMs: number };
  readonly timers: { readonly scheduled: number; readonly overdue: number; readonly overdueMs: number };
  readonly letters: readonly StandingLetters[];
  readonly audit: readonly AuditResult[];
  /** What workers have to tell by themselves. */
  readonly notices: readonly Notice[];
}

/** One statement at a time: what watches the fleet must not take its connections. */
export async function readFleet(
  database: Database,
  counts: Pick<QueueCounts, 'count'>,
  actors: readonly Bound[],
): Promise<FleetReadings> {
  const outbox = await outboxBacklog(database);
  const timers = await timersBacklog(database);
  const letters = await countStanding(database);
  const audit = await auditResults(database);
  const told = await notices(database);
  const lagOf = new Map((await measureLag(database, actors)).map(({ actor, lagMs }) => [actor, lagMs]));
  const settings = await queueSettings(
    database,
    actors.map(({ actor }) => actor),
  );
  const consumed = [...actors.map(({ actor }) => actor), DEAD_LETTERS];
  const names = [...consumed, ...RETRY_RUNGS.map(({ name }) => name)];
  const countOf = new Map((await counts.count(names))?.map((count) => [count.queue, count]));
  const queues = names.map((queue) => ({
    queue,
    consumed: consumed.includes(queue),
    lagMs: lagOf.get(queue),
    waiting: countOf.get(queue)?.waiting,
    consumers: countOf.get(queue)?.consumers,
    paused: settings.get(queue)?.paused ?? undefined,
  }));
  return { queues, outbox, timers, letters, audit, notices: told };
}
