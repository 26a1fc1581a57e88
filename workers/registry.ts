/**
 * The workers there are: the folders beside this file. A folder holds actors (`*.actor.ts`), a worker of another kind
 * (`*.worker.ts`), or both, and says in `composition.ts` what it needs from outside. Adding a folder adds a worker.
 */
import { readdir } from 'node:fs/promises';
import type { Composition } from '../shared/actors/composition.js';
import { type ActorDefinition, definitionOf } from '../shared/actors/definition.js';
import type { KeyedState, Ledger } from '../shared/actors/keyed-state.js';
import type { Worker } from '../shared/actors/worker.js';
import type { Contract } from '../shared/messaging/contract.js';

/** A class that `@Actor` declares; tsyringe makes its instance. */
// biome-ignore lint/suspicious/noExplicitAny: the shape tsyringe asks of a constructor; it finds the arguments by their metadata
export type ActorClass = new (...ports: any[]) => Readonly<Record<string, unknown>>;

export interface RegisteredActor {
  readonly definition: ActorDefinition;
  readonly actorClass: ActorClass;
}

export interface RegisteredWorker {
  /** The folder's name. */
  readonly name: string;
  readonly actors: readonly RegisteredActor[];
  readonly worker: Worker | undefined;
  /** What its `messages.ts` declares. */
  readonly contracts: readonly Contract[];
  readonly composition: Composition | undefined;
  /** Tables that its `*.state.ts` declares. */
  readonly stores: readonly (KeyedState | Ledger)[];
}

const here = new URL('./', import.meta.url);

/** The names of all workers: the folders there are. */
export async function workerNames(): Promise<string[]> {
  const entries = await readdir(here, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/**
 * Loads the folders of these workers, and no others: a process holds only the code it runs.
 * @throws {TypeError} naming a folder that holds nothing to run, or a queue that two actors share
 */
export async function loadWorkers(names: readonly string[]): Promise<RegisteredWorker[]> {
  const workers = await Promise.all(names.map(loadWorker));
  refuseTwins(workers.flatMap(({ actors }) => actors));
  return workers;
}

function refuseTwins(actors: readonly RegisteredActor[]): void {
  const queues = actors.map(({ definition }) => definition.name);
  const twice = queues.find((queue, index) => queues.indexOf(queue) !== index);
  if (twice !== undefined) throw new TypeError(`two actors are named ${twice}; a queue has one`);
}

/**
 * What the actors of these workers declare, without the code that they need to run: an adapter may be large.
 * @throws {TypeError} naming a queue that two actors share
 */
export async function loadDefinitions(names: readonly string[]): Promise<ActorDefinition[]> {
  const actors = (await Promise.all(names.map(async (name) => loadActors(await openFolder(name))))).flat();
  refuseTwins(actors);
  return actors.map(({ definition }) => definition);
}

interface Folder {
  /** Of its files, sorted. */
  readonly files: readonly string[];
  readonly load: (file: string) => Promise<Record<string, unknown>>;
}

async function openFolder(name: string): Promise<Folder> {
  const folder = new URL(`${name}/`, here);
  return { files: (await readdir(folder)).sort(), load: (file) => import(new URL(file, folder).href) };
}

async function loadActors({ files, load }: Folder): Promise<RegisteredActor[]> {
  const modules = await Promise.all(files.filter((file) => file.endsWith('.actor.js')).map(load));
  return modules.flatMap(Object.values).flatMap(registeredActor);
}

async function loadWorker(name: string): Promise<RegisteredWorker> {
  const folder = await openFolder(name);
  const { files, load } = folder;
  const actors = await loadActors(folder);
  const workerFile = files.find((file) => file.endsWith('.worker.js'));
  const worker = workerFile === undefined ? undefined : ((await load(workerFile))['worker'] as Worker | undefined);
  if (actors.length === 0 && worker === undefined) {
    throw new TypeError(
      `workers/${name} has nothing to run; export an @Actor class from ${name}.actor.ts, or a worker from ${name}.worker.ts`,
    );
  }
  const composition = files.includes('composition.js')
    ? ((await load('composition.js'))['composition'] as Composition | undefined)
    : undefined;
  const contracts = files.includes('messages.js') ? Object.values(await load('messages.js')).filter(isContract) : [];
  const stateModules = await Promise.all(files.filter((file) => file.endsWith('.state.js')).map(load));
  const stores = stateModules.flatMap(Object.values).filter(isStore);
  return { name, actors, worker, contracts, composition, stores };
}

function isContract(exported: unknown): exported is Contract {
  return typeof exported === 'object' && exported !== null && 'parse' in exported && 'exchange' in exported;
}

function isStore(exported: unknown): exported is KeyedState | Ledger {
  return typeof exported === 'object' && exported !== null && 'table' in exported && 'columns' in exported;
}

function registeredActor(exported: unknown): RegisteredActor[] {
  if (typeof exported !== 'function') return [];
  const definition = definitionOf(exported);
  // What @Actor was applied to is a class; its constructor's ports are tsyringe's affair.
  return definition === undefined ? [] : [{ definition, actorClass: exported as unknown as ActorClass }];
}
