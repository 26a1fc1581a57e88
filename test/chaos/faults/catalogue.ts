/** All faults there are. */
import type { Fault } from '../fault.js';
import { brokerFaults } from './broker.js';
import { clusterFaults } from './cluster.js';
import { networkFaults } from './network.js';
import { postgresFaults } from './postgres.js';
import { processFaults } from './processes.js';
import { providerFaults } from './providers.js';
import { redisFaults } from './redis.js';

export const FAULTS: readonly Fault[] = [
  ...processFaults,
  ...brokerFaults,
  ...clusterFaults,
  ...postgresFaults,
  ...redisFaults,
  ...providerFaults,
  ...networkFaults,
];
