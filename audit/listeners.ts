/** The actors of this release, and what their queues are bound to. */
// Loading an actor asks for it.
import 'reflect-metadata';
import { loadWorkers, workerNames } from '../workers/registry.js';
import type { Listener } from './evidence.js';

export async function listenersOfFleet(): Promise<Listener[]> {
  const workers = await loadWorkers(await workerNames());
  return workers.flatMap(({ actors }) =>
    actors.map(({ definition }) => ({ actor: definition.name, types: [...definition.handlers.keys()] })),
  );
}
