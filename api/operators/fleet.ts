/** The actors of this release and what they handle. The code of the workers is loaded when an operator first asks, so that web is as small as before without one. */
// Loading an actor asks for it.
import 'reflect-metadata';
import type { Contract } from '../../shared/messaging/contract.js';
import { loadWorkers, workerNames } from '../../workers/registry.js';

export interface FleetActor {
  /** Also the name of its queue. */
  readonly name: string;
  /** What it handles, by full name. */
  readonly contracts: ReadonlyMap<string, Contract>;
  /** Of each process, where neither an operator nor its environment says otherwise. */
  readonly prefetch: number;
}

let loaded: Promise<readonly FleetActor[]> | undefined;

export function fleetActors(): Promise<readonly FleetActor[]> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<readonly FleetActor[]> {
  const workers = await loadWorkers(await workerNames());
  return workers.flatMap(({ actors }) =>
    actors.map(({ definition: { name, handlers, prefetch } }) => ({
      name,
      contracts: new Map([...handlers].map(([type, { contract }]) => [type, contract])),
      prefetch,
    })),
  );
}
