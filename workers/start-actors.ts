/** What workers need from outside is made, by their compositions, and their actors are started with it. */
import type { DependencyContainer } from 'tsyringe';
import { ActorRunner } from '../shared/actors/actor-runner.js';
import type { ProcessParts } from '../shared/actors/process-parts.js';
import { redriveParked } from '../shared/actors/redrive-parked.js';
import { replaying } from '../shared/actors/replay/replaying.js';
import type { Rounds } from '../shared/actors/rounds.js';
import type { Running } from '../shared/actors/worker.js';
import { noteCircuit } from '../shared/providers/note-circuit.js';
import type { Provider } from '../shared/providers/provider.js';
import { reportCircuit } from '../shared/providers/report-circuit.js';
import type { RegisteredWorker } from './registry.js';

interface Composing {
  readonly container: DependencyContainer;
  /** By group, as `variablesOfWorkers` names them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly parts: ProcessParts;
}

interface Composed {
  /** Close what the compositions opened. */
  readonly closings: readonly (() => Promise<void>)[];
  /** Those that an actor's effects ask, by the actor's name. */
  readonly providersOf: ReadonlyMap<string, readonly Provider[]>;
}

export function composeWorkers(
  workers: readonly RegisteredWorker[],
  { container, settings, parts: { database, log } }: Composing,
): Composed {
  const closings: (() => Promise<void>)[] = [];
  const providersOf = new Map<string, readonly Provider[]>();
  for (const { name, composition, actors } of workers) {
    const names = actors.map(({ definition }) => definition.name);
    const providers: Provider[] = [];
    const dependsOn = (provider: Provider): void => {
      providers.push(provider);
      reportCircuit(provider, log);
      noteCircuit(provider, names, database, log);
    };
    // The settings under this name were parsed from this composition's own variables.
    composition?.register(container, settings[`worker ${name}`] as never, (close) => closings.push(close), dependsOn);
    for (const actor of names) providersOf.set(actor, providers);
  }
  return { closings, providersOf };
}

interface Started {
  readonly runners: Map<string, ActorRunner>;
  readonly running: Map<string, Running>;
}

/** Both by the actor's name. */
export function startActors(
  workers: readonly RegisteredWorker[],
  { container, settings, parts, providersOf }: Composing & Pick<Composed, 'providersOf'>,
): Started {
  const runners = new Map<string, ActorRunner>();
  const running = new Map<string, Running>();
  for (const { definition, actorClass } of workers.flatMap(({ actors }) => actors)) {
    const { name } = definition;
    // They were parsed from this actor's own two variables.
    const limits = settings[`actor ${name}`] as { prefetch: number; concurrency: number };
    const instance = container.resolve(actorClass);
    const runner = new ActorRunner(definition, instance, { ...limits, held: true }, parts, providersOf.get(name));
    runners.set(name, runner);
    running.set(name, started(runner, [redriveParked(definition, parts), replaying(definition, instance, parts)]));
  }
  return { runners, running };
}

function started(runner: ActorRunner, rounds: readonly Rounds[]): Running {
  runner.start();
  return {
    readiness: () => runner.readiness(),
    async stop(graceMs) {
      await Promise.all([runner.stop(graceMs), ...rounds.map((one) => one.stop())]);
    },
  };
}
