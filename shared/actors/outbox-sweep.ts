/** Sends what stands in the outbox past its lease: messages of processes that died, or that could not reach the broker. */
import { failpoint } from '../observability/failpoint.js';
import { leaseUnsent } from '../postgres/outbox.js';
import type { ProcessParts } from './process-parts.js';

/** Messages taken together. */
const AT_ONCE = 500;

/** Sends a round of them, and returns whether there may be more that can be sent. */
export async function sweepOutbox({
  publisher,
  database,
  dispatcher,
  outboxLeaseMs,
  log,
}: Pick<ProcessParts, 'publisher' | 'database' | 'dispatcher' | 'outboxLeaseMs' | 'log'>): Promise<boolean> {
  // Leasing what cannot be sent would only put it off.
  if (!publisher.ready) return false;
  const messages = await leaseUnsent(database, AT_ONCE, outboxLeaseMs);
  if (messages.length === 0) return false;
  failpoint('relay-leased');
  const confirmed = await dispatcher.send(messages, 'relay');
  log.info({ taken: messages.length, confirmed }, 'sent what was left in the outbox');
  return confirmed > 0;
}
