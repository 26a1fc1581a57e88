/**
 * Measurements that are compared, one after the other, each on empty servers. The plain one is both first and last, so that a
 * machine that grows slower or faster meanwhile does so for all.
 */

import type { BenchServers } from './bench-servers.js';
import { speedOf } from './drain-figures.js';
import { mean } from './quantities.js';
import type { BenchContext, Check, ScenarioResult } from './scenario.js';

export interface Turn {
  /** What it is called in the run and before its checks. */
  readonly name: string;
  run(): Promise<ScenarioResult>;
}

export interface InTurn {
  /** Orders a second of the plain one, in the mean of both times. */
  readonly plainPerSecond: number;
  /** In the order in which they were given. */
  readonly others: readonly { readonly result: ScenarioResult; readonly perSecond: number }[];
  /** Of all. */
  readonly checks: readonly Check[];
}

interface Stage {
  readonly servers: Pick<BenchServers, 'startEmpty'>;
  readonly say: BenchContext['say'];
}

/** Runs that `inTurn` takes for so many others. */
export const turnsOf = (others: number): number => others + 2;

export async function inTurn({ servers, say }: Stage, plain: Turn, others: readonly Turn[]): Promise<InTurn> {
  const results: ScenarioResult[] = [];
  const checks: Check[] = [];
  for (const [at, { name, run }] of [plain, ...others, plain].entries()) {
    if (at > 0) await servers.startEmpty();
    say(name);
    const result = await run();
    results.push(result);
    checks.push(...result.checks.map((check) => ({ ...check, what: `${name}: ${check.what}` })));
  }
  return {
    plainPerSecond: mean([results[0], results.at(-1)].map((result) => (result ? speedOf(result) : Number.NaN))),
    others: results.slice(1, -1).map((result) => ({ result, perSecond: speedOf(result) })),
    checks,
  };
}
