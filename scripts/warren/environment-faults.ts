/** What would keep a process of the fleet from starting, as each would read the environment itself. */
import { EnvironmentFaults, readVariableGroups, type Source, type Variables } from '../../config/variable.js';
import { variablesOfWeb } from '../../config/web-variables.js';
import type { RegisteredWorker } from '../../workers/registry.js';
import { variablesOfWorkers } from '../../workers/variables.js';

/** Each once, however many processes it concerns. */
export function environmentFaults(workers: readonly RegisteredWorker[], source: Source): string[] {
  // Workers that share a process read the URLs that all share; each has its own where it runs alone.
  const ofWorkers = [workers, ...workers.map((one) => [one])].map(variablesOfWorkers);
  return [...new Set([{ web: variablesOfWeb }, ...ofWorkers].flatMap((groups) => faultsOf(groups, source)))];
}

function faultsOf(groups: Readonly<Record<string, Variables>>, source: Source): readonly string[] {
  try {
    readVariableGroups(groups, source);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentFaults)) throw error;
    return error.faults;
  }
}
