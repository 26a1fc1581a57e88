/** Results with figures that can be reckoned in one's head, for tests. */
import type { KeptResult } from '../results.js';
import { TEST_ENVIRONMENT } from '../test-environment.js';

const FIGURES = {
  drain: {
    shippedPerSecond: 600,
    intakePerSecond: 4000,
    coresBusy: 1.8,
    'cpuMsPerOrder.all': 3,
    'cpuMsPerOrder.workers': 0.56,
    'cpuMsPerOrder.email': 0.4,
    'cpuMsPerOrder.orders': 0.15,
    'cpuMsPerOrder.scheduler': 0.01,
    'cpuMsPerOrder.web': 0.01,
    'cpuMsPerOrder.provider': 0.2,
    'cpuMsPerOrder.postgres': 0.5,
    'cpuMsPerOrder.rabbitmq': 0.6,
    'cpuMsPerOrder.redis': 0.01,
    'intakeCpuMsPerOrder.web': 0.15,
    'intakeCpuMsPerOrder.postgres': 0.1,
    'intakeCpuMsPerOrder.rabbitmq': 0.1,
    'peakMemoryMB.web': 150,
    'peakMemoryMB.email': 130,
    'peakMemoryMB.orders': 130,
    'peakMemoryMB.scheduler': 130,
    'deliveriesPerOrder.email': 2,
    'deliveriesPerOrder.orders': 4,
    eventsPerOrder: 7,
    walBytesPerOrder: 20_000,
    transactionsPerOrder: 0.5,
    redisCommandsPerOrder: 15,
    databaseBytesPerOrder: 10_000,
    eventLogBytesPerOrder: 4000,
    inboxBytesPerOrder: 1000,
  },
  idle: { 'idleShare.email': 0.2, 'idleShare.orders': 0, 'idleShare.scheduler': 0 },
  cost: { coresBusy: 0.3, 'cpuMsPerOrder.all': 6, 'cpuMsPerOrder.email': 0.9, 'cpuMsPerOrder.orders': 0.5 },
  processes: { 'perSecond.1': 600, 'perSecond.2': 590, 'toOne.2': 0.98, 'perSecond.4': 550, 'toOne.4': 0.92 },
};

export const resultOf = (scenario: keyof typeof FIGURES): KeptResult => ({
  path: `${scenario}.json`,
  result: {
    environment: TEST_ENVIRONMENT,
    scenarios: [{ scenario, options: { lines: 2 }, figures: FIGURES[scenario], runs: [FIGURES[scenario]], faults: [] }],
  },
});
