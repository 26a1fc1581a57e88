/** Runs the simulation against each defect of `test/certify/mutants.ts`, in a process of its own, until a seed is red. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MUTANTS, mutate } from '../../certify/mutants.js';

export interface MutantRun {
  readonly name: string;
  /** The first fault that was seen; undefined for a defect that passed for sound. */
  readonly caught: string | undefined;
}

const COPY = '.local/simulate/mutant';
const SCRIPT = 'test/simulation/runtime/simulate.js';

/** @param seeds that each has, from `first` on */
export async function caughtBy(
  dist: string,
  first: number,
  seeds: number,
  say: (line: string) => void,
): Promise<MutantRun[]> {
  const runs: MutantRun[] = [];
  for (const mutant of MUTANTS) {
    const copy = await mutate(dist, COPY, mutant);
    const args = [join(copy, SCRIPT), '--seed', String(first), '--seeds', String(seeds)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const said = await text(child.stdout);
    const caught = said
      .split('\n')
      .find((line) => line.startsWith('✗'))
      ?.slice(2);
    say(`${mutant.name}: ${caught ?? 'SURVIVED'}`);
    runs.push({ name: mutant.name, caught });
  }
  return runs;
}
