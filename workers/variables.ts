/** All that a process of workers reads, in groups: `base`, `worker <name>` and `actor <name>`. */
import { variables, variablesOf } from '../config/environment.js';
import { actorVariables } from '../config/process-variables.js';
import type { Variables } from '../config/variable.js';
import type { RegisteredWorker } from './registry.js';

/** A process of one worker takes URLs of its own before those that all share. */
export function variablesOfWorkers(workers: readonly RegisteredWorker[]) {
  const [only] = workers.length === 1 ? workers : [];
  return { base: only === undefined ? variables : variablesOf(only.name), ...ownGroups(workers) };
}

function ownGroups(workers: readonly RegisteredWorker[]): Record<string, Variables> {
  return Object.fromEntries(
    workers.flatMap(({ name, composition, actors }) => [
      [`worker ${name}`, composition?.variables ?? {}],
      ...actors.map(({ definition }) => [`actor ${definition.name}`, actorVariables(definition.name, definition)]),
    ]),
  );
}
