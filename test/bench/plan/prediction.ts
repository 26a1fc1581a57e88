/** The model against what several processes of each worker were measured to do. Pure. */
import type { KeptResult } from '../results.js';
import { ONE_CORE } from './assumptions.js';
import type { MeasuredCosts } from './measured-costs.js';

export interface Prediction {
  /** The file. */
  readonly path: string;
  /** Of each worker. */
  readonly processes: number;
  readonly predictedPerSecond: number;
  readonly measuredPerSecond: number;
}

/** Of the newest result with the scenario `processes`; none where there is none. */
export function predictions(costs: MeasuredCosts, kept: readonly KeptResult[]): Prediction[] {
  for (const { path, result } of kept) {
    const measured = result.scenarios.find(({ scenario }) => scenario === 'processes');
    if (measured === undefined) continue;
    return Object.entries(measured.figures).flatMap(([key, measuredPerSecond]) => {
      const processes = Number(/^perSecond\.(\d+)$/.exec(key)?.[1] ?? Number.NaN);
      if (Number.isNaN(processes) || measuredPerSecond === null) return [];
      const predictedPerSecond = drainedPerSecond(processes, result.environment.cores, costs);
      return [{ path, processes, predictedPerSecond, measuredPerSecond }];
    });
  }
  return [];
}

/**
 * What a backlog is worked off at by so many processes of each worker, with everything on one machine: it is held up by the
 * machine's cores, or by the worker that has all of its own busy. A backlog keeps batches large however many share it.
 * @param machineCores of which the bench gets as great a share as it got of those it was measured on
 */
export function drainedPerSecond(processes: number, machineCores: number, costs: MeasuredCosts): number {
  const atRest = costs.workers.reduce((sum, name) => sum + (costs.cores.get(name)?.(0) ?? 0), 0);
  const machine = (costs.coresBusy * machineCores) / costs.measuredCores - (processes - 1) * atRest;
  const dearest = Math.max(
    ...costs.workers.map((name) => (costs.cores.get(name)?.(costs.drainedPerSecond) ?? 0) / costs.drainedPerSecond),
  );
  return Math.min(machine / costs.coreSecondsOfAll, (processes * ONE_CORE) / dearest);
}
