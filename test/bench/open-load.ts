/** Orders that a warm fleet is sent by the clock, whatever became of those before. */
import { type Batches, batchesOf, type Processes } from './drain-figures.js';
import { type Placed, placeAtRate } from './intake.js';
import type { BenchContext, BenchOptions, ScenarioResult } from './scenario.js';
import { type StandingIntake, withIntake } from './standing-intake.js';
import { untilDrained } from './until-drained.js';
import { verifyWork } from './verify.js';
import { allWorkers, CONCURRENCY, warmUp } from './warm-fleet.js';
import { evenWorkload } from './workload.js';

/** Of the same load, before it is measured: what follows the burst of the warm-up is over then, and small batches are compiled. */
const LEAD_IN_S = 15;

export interface OpenLoad extends StandingIntake {
  readonly processes: Processes;
  /** What has been committed together until now. */
  readonly batches: () => Promise<Batches>;
  /** Places the orders of `--seconds`; resolves when all are shipped and mailed about. */
  readonly place: () => Promise<readonly Placed[]>;
}

export const openLoadLimitMs = ({ warmUp, seconds }: BenchOptions): number =>
  180_000 + warmUp * 20 + (LEAD_IN_S + seconds) * 2000;

/** What `measure` finds, once all the work was done. */
export function underOpenLoad(
  context: BenchContext,
  perSecond: number,
  measure: (load: OpenLoad) => Promise<ScenarioResult>,
): Promise<ScenarioResult> {
  const { options, signal, say } = context;
  const early = perSecond * LEAD_IN_S;
  const count = perSecond * options.seconds;
  const workload = evenWorkload(options.warmUp + early + count, options.lines);
  const setting = { stock: workload.stock, connections: CONCURRENCY, sandbox: true };
  return withIntake(context, setting, async (begun) => {
    const workers = await allWorkers();
    await warmUp(context, begun, { workload, workers });
    const placeSome = async (some: number, first: number): Promise<readonly Placed[]> => {
      const placed = await placeAtRate(workload.orders(some, first), begun.storefront, perSecond, signal);
      await untilDrained(begun.database, { shipped: first + some }, signal);
      return placed;
    };
    say(`${perSecond} orders a second for ${LEAD_IN_S} s, and measured for ${options.seconds} s`);
    await placeSome(early, options.warmUp);
    const processes = new Map(workers.map((name) => [name, begun.fleet.processesOf(name)]));
    const batches = () => batchesOf(processes, begun.fleet);
    const place = () => placeSome(count, options.warmUp + early);
    const { figures, checks } = await measure({ ...begun, processes, batches, place });
    say('verifying that all the work was done');
    return {
      figures,
      checks: [...checks, ...(await verifyWork({ shipped: options.warmUp + early + count }, context, begun))],
    };
  });
}
