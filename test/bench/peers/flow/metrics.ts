/** What a process counts, for Prometheus. */
import { Counter, collectDefaultMetrics, Histogram } from 'prom-client';

// As Warren has it: looking at the event loop every 10 ms would cost the peers what Warren is spared.
collectDefaultMetrics({ eventLoopMonitoringPrecision: 2 ** 31 - 1 });

export const messagesSent = new Counter({
  name: 'peer_messages_sent_total',
  help: 'Messages that the broker confirmed.',
});

export const deliverySeconds = new Histogram({
  name: 'peer_delivery_seconds',
  help: 'From taking a message to its ack.',
  labelNames: ['message', 'outcome'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
});

export const requestSeconds = new Histogram({
  name: 'peer_request_seconds',
  help: 'From a request to its answer.',
  labelNames: ['status'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
});
