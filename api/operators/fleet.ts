/** The actors of this release and what they handle. The code of the workers is loaded when an operator first asks, so that web is as small as before without one. */
// Loading an actor asks for it.
import 'reflect-metadata';
import type { Contract } from '../../shared/messaging/contract.js';
import { type Topology, topologyOf } from '../../shared/rabbitmq/topology.js';
import { loadWorkers, type RegisteredWorker, workerNames } from '../../workers/registry.js';
import { lazily } from '../lazily.js';

export interface FleetActor {
  /** Also the name of its queue. */
  readonly name: string;
  /** What it handles, by full name. */
  readonly contracts: ReadonlyMap<string, Contract>;
  /** Of each process, where neither an operator nor its environment says otherwise. */
  readonly prefetch: number;
}

const fleetWorkers = lazily(async (): Promise<readonly RegisteredWorker[]> => loadWorkers(await workerNames()));

/** What the broker has to hold for this release. */
export async function fleetTopology(): Promise<Topology> {
  const workers = await fleetWorkers();
  return topologyOf(
    workers.flatMap(({ actors }) => actors.map(({ definition }) => definition)),
    workers.flatMap(({ contracts }) => contracts),
  );
}

/** All that `messages.ts` of the workers declare. */
export async function fleetContracts(): Promise<readonly Contract[]> {
  return (await fleetWorkers()).flatMap(({ contracts }) => contracts);
}

export async function fleetActors(): Promise<readonly FleetActor[]> {
  const workers = await fleetWorkers();
  return workers.flatMap(({ actors }) =>
    actors.map(({ definition: { name, handlers, prefetch } }) => ({
      name,
      contracts: new Map([...handlers].map(([type, { contract }]) => [type, contract])),
      prefetch,
    })),
  );
}
