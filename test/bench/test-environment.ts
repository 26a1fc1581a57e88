/** What a result says of the machine, for tests. */
import type { KeptResult } from './results.js';

export const TEST_ENVIRONMENT: KeptResult['result']['environment'] = {
  at: '2026-01-02T03:04:05.000Z',
  cpu: 'a CPU',
  cores: 2,
  memoryGiB: 24,
  system: 'linux x64',
  node: '20',
  postgres: '15',
  rabbitmq: '3.10',
  redis: '7',
  commit: 'abc',
  tuning: {},
};
