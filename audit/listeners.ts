/** The actors of this release, and what their queues are bound to. */
// Loading an actor asks for it.
import 'reflect-metadata';
import { loadDefinitions, workerNames } from '../workers/registry.js';
import type { Listener } from './evidence.js';

export async function listenersOfFleet(): Promise<Listener[]> {
  const definitions = await loadDefinitions(await workerNames());
  return definitions.map(({ name, handlers }) => ({ actor: name, types: [...handlers.keys()] }));
}
