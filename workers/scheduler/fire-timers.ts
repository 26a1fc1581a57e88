/** Publishes the timers that are due: moved into event log and outbox first, then sent. */
import type { ProcessParts } from '../../shared/actors/process-parts.js';
import { failpoint } from '../../shared/observability/failpoint.js';
import { recordCreated } from '../../shared/observability/message-spans.js';
import { timersFired } from '../../shared/observability/metrics.js';
import { fireDueTimers } from '../../shared/postgres/timers.js';

const AT_ONCE = 500;

export async function fireTimers({
  database,
  dispatcher,
  outboxLeaseMs,
}: Pick<ProcessParts, 'database' | 'dispatcher' | 'outboxLeaseMs'>): Promise<void> {
  for (let fired = AT_ONCE; fired === AT_ONCE; ) {
    const messages = await fireDueTimers(database, AT_ONCE, outboxLeaseMs);
    if (messages.length > 0) failpoint('timers-fired');
    recordCreated(messages);
    dispatcher.dispatch(messages, 'timers');
    fired = messages.length;
    timersFired.inc(fired);
  }
}
