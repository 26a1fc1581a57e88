/** What the intake counts, besides what every process does. */
import { Counter, Gauge, Histogram } from 'prom-client';

export const requestsAnswered = new Counter({
  name: 'warren_http_requests_total',
  help: 'Requests answered',
  labelNames: ['method', 'route', 'status'] as const,
});

export const requestSeconds = new Histogram({
  name: 'warren_http_request_seconds',
  help: 'Duration of a request, from its headers to the end of the answer, without what it waited for an order',
  labelNames: ['route'] as const,
  buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
});

export const intakeBatchSize = new Histogram({
  name: 'warren_intake_batch_orders',
  help: 'Orders committed together',
  buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
});

export const intakeCommitSeconds = new Histogram({
  name: 'warren_intake_commit_seconds',
  help: 'Duration of a batch of orders, from begin to committed',
  buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
});

export const intakeWaiting = new Gauge({ name: 'warren_intake_waiting', help: 'Orders that wait for the next batch' });

export const ordersAwaited = new Gauge({
  name: 'warren_orders_awaited',
  help: 'Requests that wait until their order is confirmed or cancelled',
});

export const awaitedSeconds = new Histogram({
  name: 'warren_orders_awaited_seconds',
  help: 'Requests that waited for their order by outcome, and how long: decided, late, full, share, stopped, gone, unread',
  labelNames: ['outcome'] as const,
  buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 25],
});

export const eventStreamsOpen = new Gauge({ name: 'warren_event_streams', help: 'Event streams that are open' });

export const intakeRefused = new Counter({
  name: 'warren_intake_refused_total',
  help: 'Refused for want of room, by what was full: requests, bodies, event-loop, outbox, queue, streams, streams-of-one (storefront), connections',
  labelNames: ['full'] as const,
});

export const rateRefused = new Counter({
  name: 'warren_rate_refused_total',
  help: 'Refused for asking too often, by whose quota was used up: key, address, failures',
  labelNames: ['policy'] as const,
});

export const rateProcesses = new Gauge({
  name: 'warren_rate_processes',
  help: 'Processes of web that settle their quotas with each other; 0 while Redis is away and each keeps to its part',
});
