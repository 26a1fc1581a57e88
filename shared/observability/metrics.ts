/** What every process counts; served at `/metrics`. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, register } from 'prom-client';

// The event loop is looked at by our own meter, which rests with the process; prom-client's would wake it all the time.
collectDefaultMetrics({ eventLoopMonitoringPrecision: 2 ** 31 - 1 });
for (const which of ['min', 'max', 'mean', 'stddev', 'p50', 'p90', 'p99'])
  register.removeSingleMetric(`nodejs_eventloop_lag_${which}_seconds`);

export const loopDelaySeconds = new Gauge({
  name: 'warren_event_loop_delay_seconds',
  help: 'How late the event loop was in the last five seconds, by quantile; 0 while the process is at rest',
  labelNames: ['quantile'] as const,
});

export const messagesSettled = new Counter({
  name: 'warren_messages_settled_total',
  help: 'Deliveries by what became of them: done, duplicate, retried, held, dead-lettered, given-back',
  labelNames: ['actor', 'outcome'] as const,
});

export const retries = new Counter({
  name: 'warren_retries_total',
  help: 'Failed deliveries that were put on the retry ladder, by its rung',
  labelNames: ['actor', 'rung'] as const,
});

export const messagesReplayed = new Counter({
  name: 'warren_messages_replayed_total',
  help: 'Messages that replays have gone through, by what became of them; those that failed were sent before',
  labelNames: ['actor', 'outcome'] as const,
});

export const effectsSpared = new Counter({
  name: 'warren_effects_spared_total',
  help: 'Effects that were not performed because Redis knew their message as handled; the inbox knows the duplicates',
  labelNames: ['actor'] as const,
});

export const effectSeconds = new Histogram({
  name: 'warren_effect_seconds',
  help: 'Duration of an effect, however it ended',
  labelNames: ['actor'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
});

export const redeliveriesHandled = new Counter({
  name: 'warren_redeliveries_total',
  help: 'Redelivered messages by how they were handled: together with others, alone after a process died with them, or never again',
  labelNames: ['actor', 'how'] as const,
});

export const batchSize = new Histogram({
  name: 'warren_batch_messages',
  help: 'Messages committed together',
  labelNames: ['actor'] as const,
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
});

export const commitSeconds = new Histogram({
  name: 'warren_commit_seconds',
  help: 'Duration of a batch, from begin to committed',
  labelNames: ['actor'] as const,
  buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
});

export const messagesInFlight = new Gauge({
  name: 'warren_messages_in_flight',
  help: 'Deliveries that the process holds and has not settled',
  labelNames: ['actor'] as const,
});

export const providerSeconds = new Histogram({
  name: 'warren_provider_seconds',
  help: 'Requests to a provider by outcome, and how long they took: answered, a no included; ill; broken-off',
  labelNames: ['provider', 'outcome'] as const,
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
});

export const providerLeftAlone = new Counter({
  name: 'warren_provider_left_alone_total',
  help: 'Requests that were not made because the circuit of the provider was not closed',
  labelNames: ['provider'] as const,
});

export const circuitState = new Gauge({
  name: 'warren_circuit_state',
  help: 'Circuit of a provider: 0 closed, 1 half-open, 2 open',
  labelNames: ['provider'] as const,
});

export const messagesDispatched = new Counter({
  name: 'warren_outbox_dispatched_total',
  help: 'Stored messages by what became of sending them: confirmed, returned, unknown, left-to-relay',
  labelNames: ['outcome'] as const,
});

export const outboxDepth = new Gauge({ name: 'warren_outbox_messages', help: 'Messages not sent yet' });
export const outboxAgeSeconds = new Gauge({
  name: 'warren_outbox_oldest_seconds',
  help: 'Age of the oldest message not sent yet',
});
export const deadLettersFiled = new Counter({
  name: 'warren_dead_letters_filed_total',
  help: 'Dead letters filed; what only says so of itself is told apart up to 200 pairs, and `other` beyond',
  labelNames: ['actor', 'code'] as const,
});

export const timersScheduled = new Gauge({
  name: 'warren_timers_scheduled',
  help: 'Timers that are not published yet',
});
export const timersOverdue = new Gauge({
  name: 'warren_timers_overdue',
  help: 'Timers that are due and not published',
});
export const timersOverdueSeconds = new Gauge({
  name: 'warren_timers_overdue_seconds',
  help: 'By how much the longest overdue timer is late',
});
export const timersFired = new Counter({ name: 'warren_timers_fired_total', help: 'Timers that were published' });
export const maintenanceRuns = new Counter({
  name: 'warren_maintenance_runs_total',
  help: 'Runs of recurring maintenance by what became of them: done, failed',
  labelNames: ['name', 'outcome'] as const,
});

export const deadLettersStanding = new Gauge({
  name: 'warren_dead_letters_standing',
  help: 'Dead letters that are not settled, by status: open, held, redriving',
  labelNames: ['actor', 'fingerprint', 'code', 'status'] as const,
});

export const queueLagSeconds = new Gauge({
  name: 'warren_queue_lag_seconds',
  help: 'Age of the oldest message that an actor has not handled and that is not on file as a dead letter; 0 when none waits',
  labelNames: ['queue'] as const,
});
export const queueMessages = new Gauge({
  name: 'warren_queue_messages',
  help: 'Messages in a queue that no process holds',
  labelNames: ['queue'] as const,
});
export const queueConsumers = new Gauge({
  name: 'warren_queue_consumers',
  help: 'Processes that take from a queue',
  labelNames: ['queue'] as const,
});

export const queuePaused = new Gauge({
  name: 'warren_queue_paused',
  help: 'Whether an operator has paused the actor of a queue: 1, else 0',
  labelNames: ['queue'] as const,
});

export const orderSeconds = new Histogram({
  name: 'warren_order_seconds',
  help: 'Orders at their end by outcome, shipped or cancelled, and how long they took from the request',
  labelNames: ['outcome'] as const,
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15, 60, 300, 1800, 7200, 86_400],
});

export const alertsRaised = new Gauge({
  name: 'warren_alerts',
  help: 'Alerts that stand, by rule; told by the scheduler whose turn it is',
  labelNames: ['rule'] as const,
});
export const alertsTold = new Counter({
  name: 'warren_alerts_told_total',
  help: 'Messages with alerts to log, webhook and mail by outcome: told, failed',
  labelNames: ['receiver', 'outcome'] as const,
});

export const auditViolations = new Gauge({
  name: 'warren_audit_violations',
  help: 'Violations that the last standing audit found, by the number of the invariant; a check that failed counts as one',
  labelNames: ['invariant'] as const,
});
export const auditChecked = new Gauge({
  name: 'warren_audit_checked',
  help: 'Things that the last standing audit looked at, by the number of the invariant',
  labelNames: ['invariant'] as const,
});
