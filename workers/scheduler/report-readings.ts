/** Shows what was read of the fleet as metrics. What is not known has no series: an old number would look like a new one. */
import { reportAudit } from '../../audit/standing-audit.js';
import {
  orderSeconds,
  outboxAgeSeconds,
  outboxDepth,
  queueConsumers,
  queueLagSeconds,
  queueMessages,
  queuePaused,
  timersOverdue,
  timersOverdueSeconds,
  timersScheduled,
} from '../../shared/observability/metrics.js';
import type { OrderEnd } from '../../shared/postgres/order-ends.js';
import { OrderCancelled } from '../orders/messages.js';
import { OrderShipped } from '../shipping/messages.js';
import type { FleetReadings } from './fleet-readings.js';

export function reportReadings({ queues, outbox, timers, audit }: FleetReadings): void {
  queueLagSeconds.reset();
  queueMessages.reset();
  queueConsumers.reset();
  queuePaused.reset();
  for (const { queue, consumed, lagMs, waiting, consumers, paused } of queues) {
    if (consumed) queuePaused.set({ queue }, paused === undefined ? 0 : 1);
    if (lagMs !== undefined) queueLagSeconds.set({ queue }, lagMs / 1000);
    if (waiting !== undefined) queueMessages.set({ queue }, waiting);
    if (consumed && consumers !== undefined) queueConsumers.set({ queue }, consumers);
  }
  outboxDepth.set(outbox.depth);
  outboxAgeSeconds.set(outbox.oldestMs / 1000);
  timersScheduled.set(timers.scheduled);
  timersOverdue.set(timers.overdue);
  timersOverdueSeconds.set(timers.overdueMs / 1000);
  reportAudit(audit);
}

const OUTCOMES: Readonly<Record<string, string>> = {
  [OrderShipped.name]: 'shipped',
  [OrderCancelled.name]: 'cancelled',
};

/** The messages by which an order is at its end. */
export const ORDER_ENDS = Object.keys(OUTCOMES);

export function reportOrderEnds(ends: readonly OrderEnd[]): void {
  for (const { type, tookMs } of ends) {
    const outcome = OUTCOMES[type];
    if (outcome !== undefined) orderSeconds.observe({ outcome }, tookMs / 1000);
  }
}
