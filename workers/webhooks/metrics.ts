/** What a process of webhooks counts, besides what every actor does. */
import { Counter, Gauge, Histogram } from 'prom-client';

export const webhookAttempts = new Counter({
  name: 'warren_webhook_attempts_total',
  help: 'Attempts to deliver a webhook by outcome: delivered, or why not',
  labelNames: ['outcome'] as const,
});

export const webhookAttemptSeconds = new Histogram({
  name: 'warren_webhook_attempt_seconds',
  help: 'Duration of an attempt to deliver a webhook, however it ended',
  buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
});

export const webhookOldestDueSeconds = new Gauge({
  name: 'warren_webhook_oldest_due_seconds',
  help: 'By how much the most overdue delivery of a webhook is late, disabled endpoints left out',
});

export const webhooksForgotten = new Counter({
  name: 'warren_webhooks_forgotten_total',
  help: 'Webhooks that waited for WEBHOOKS_LOG_DAYS for an endpoint that was disabled or to which nothing could be sent, and were forgotten',
});

export const webhookEndpoints = new Gauge({
  name: 'warren_webhook_endpoints',
  help: 'Endpoints of storefronts by state: healthy, failing, disabled by their storefront, gone, or given up after failing for too long',
  labelNames: ['state'] as const,
});
