/** What has to be done from time to time, whoever does it. All of it may run twice, or at the same time as itself. */
import { resultsOf, standingAudit } from '../../audit/standing-audit.js';
import { sweepOutbox } from '../../shared/actors/outbox-sweep.js';
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import { saveAuditResults } from '../../shared/postgres/audit-results.js';
import { forgetGoneInstances } from '../../shared/postgres/instances.js';
import { ensurePartitions } from '../../shared/postgres/migrate.js';
import { dropOldPartitions, forgetIdempotencyKeys, forgetReplays } from '../../shared/postgres/retention.js';
import type { Recurring } from '../../shared/redis/clock.js';
import type { Retention } from './retention.js';

/** Storefronts are promised it: whoever repeats a request does so within minutes, or after a long weekend. */
export const IDEMPOTENCY_KEY_DAYS = 7;
/** Sending a file takes minutes. */
const IMPORT_DAYS = 1;

export function maintenance(
  parts: ProcessParts,
  { eventLogDays, inboxDays }: Retention,
): Readonly<Record<string, Recurring>> {
  const { database } = parts;
  return {
    'outbox-sweep': { pattern: '* * * * *', run: () => sweepOutbox(parts) },
    partitions: { pattern: '7 * * * *', run: () => ensurePartitions(database) },
    'event-log-retention': {
      pattern: '17 * * * *',
      run: () => dropOldPartitions(database, 'event_log', eventLogDays),
    },
    'inbox-retention': { pattern: '27 * * * *', run: () => dropOldPartitions(database, 'inbox', inboxDays) },
    audit: {
      pattern: '47 * * * *',
      run: async () => saveAuditResults(database, resultsOf(await standingAudit({ database }))),
    },
    // What a replay sent has gone from the event log by then.
    replays: {
      pattern: '57 * * * *',
      run: () => forgetReplays(database, { importDays: IMPORT_DAYS, keepDays: eventLogDays }),
    },
    'idempotency-keys': { pattern: '37 * * * *', run: () => forgetIdempotencyKeys(database, IDEMPOTENCY_KEY_DAYS) },
    instances: { pattern: '57 * * * *', run: () => forgetGoneInstances(database) },
  };
}
