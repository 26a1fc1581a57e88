/** The one entry point of all workers: `node dist/workers/start.js inventory`, several names, or `all`. */
import 'reflect-metadata';
import { EnvironmentFaults } from '../config/variable.js';
import { loadWorkers, workerNames } from './registry.js';
import { startWorkers } from './worker-process.js';

const asked = process.argv.slice(2);
const known = await workerNames();
const unknown = asked.filter((name) => name !== 'all' && !known.includes(name));
if (asked.length === 0 || unknown.length > 0) {
  const fault = unknown.length > 0 ? `there is no worker ${unknown.join(', ')}` : 'name the workers to run';
  process.stderr.write(`${fault}; there are ${known.join(', ')}, or all\n`);
  process.exit(2);
}
try {
  await startWorkers(await loadWorkers(asked.includes('all') ? known : [...new Set(asked)]));
} catch (error) {
  process.stderr.write(`${error instanceof EnvironmentFaults ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
