/** A worker that is no actor: it has its own way of finding work, such as the relay. */
import type { DependencyContainer } from 'tsyringe';
import type { Environment } from '../../config/environment.js';
import type { DeclaredNeeds } from '../privileges/needs.js';
import type { ProcessParts } from './process-parts.js';

/** A worker that runs. */
export interface Running {
  /** True, or what keeps it from its work. */
  readiness(): true | string;
  /** Finishes what is begun, within `graceMs`, and ends. */
  stop(graceMs: number): Promise<void>;
}

/** What a worker's folder exports as `worker` from `<name>.worker.ts`. */
export interface Worker {
  /** What it may do at the servers besides what every process may (`warren topology users`). */
  readonly needs?: DeclaredNeeds;
  start(parts: ProcessParts, environment: Environment, container: DependencyContainer): Running;
}
