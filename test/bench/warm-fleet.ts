/** A fleet that has worked: its code is compiled, as in one that has run for a minute. */
import { loadWorkers, workerNames } from '../../workers/registry.js';
import { placeAll } from './intake.js';
import type { BenchContext } from './scenario.js';
import type { StandingIntake } from './standing-intake.js';
import { untilDrained } from './until-drained.js';
import type { Workload } from './workload.js';

/** Requests under way at once at the intake. */
export const CONCURRENCY = 200;

/** Every worker there is. */
export const allWorkers = async (): Promise<string[]> =>
  (await loadWorkers(await workerNames())).map(({ name }) => name);

/**
 * Starts these workers, and has them handle the first orders of the workload.
 * @param processes of each
 */
export async function warmUp(
  { options, signal, say }: BenchContext,
  { fleet, database, storefront }: StandingIntake,
  { workload, workers, processes = 1 }: WarmUp,
): Promise<void> {
  const { warmUp } = options;
  say(`starting all workers; ${warmUp} orders to warm them up`);
  await fleet.startWorkers(workers, processes);
  await placeAll(workload.orders(warmUp, 0), storefront, CONCURRENCY, signal);
  await untilDrained(database, { shipped: warmUp }, signal);
}

interface WarmUp {
  readonly workload: Workload;
  readonly workers: readonly string[];
  readonly processes?: number;
}
