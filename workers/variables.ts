/** The variables that workers read besides those of every process, in groups: `worker <name>` and `actor <name>`. */
import { actorVariables } from '../config/process-variables.js';
import type { Variables } from '../config/variable.js';
import type { RegisteredWorker } from './registry.js';

export function workerVariables(workers: readonly RegisteredWorker[]): Record<string, Variables> {
  return Object.fromEntries(
    workers.flatMap(({ name, composition, actors }) => [
      [`worker ${name}`, composition?.variables ?? {}],
      ...actors.map(({ definition }) => [`actor ${definition.name}`, actorVariables(definition.name, definition)]),
    ]),
  );
}
