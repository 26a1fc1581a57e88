/**
 * `idle`: what the fleet costs while there is nothing to do, and how soon a process is ready. Workers are started one after the
 * other, so that none waits for another's compiler, and are left alone until what follows a start is over.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchFleet } from './bench-fleet.js';
import { type Costs, costsOf, serverPids, spentBetween } from './costs.js';
import { megabytes, residentBytes } from './process-cost.js';
import type { BenchContext, Figure, Scenario } from './scenario.js';
import { withIntake } from './standing-intake.js';
import { allWorkers } from './warm-fleet.js';
import { benchStock } from './workload.js';

/** What follows a start is over by then, and event loops that have rested for a minute are left alone. */
const SETTLE_MS = 90_000;
const MEASURE_MS = 60_000;
const READY_MS = 1000;
const MEMORY_MB = 90;
/** Of one core, all processes of the fleet together. */
const SHARE = 2;

export const idle: Scenario = {
  name: 'idle',
  summary: 'what the fleet takes of a core and of memory with nothing to do, and how soon a worker is ready',
  limitMs: () => 180_000 + SETTLE_MS + MEASURE_MS,
  run: (context) => {
    const setting = { stock: benchStock(1, 1, 1), connections: 1, sandbox: false };
    return withIntake(context, setting, async ({ fleet }) => {
      const names = await allWorkers();
      const ready = await startInTurn(names, fleet);
      context.say(`all are ready; measuring for ${MEASURE_MS / 1000} s, ${SETTLE_MS / 1000} s from now`);
      await pause(SETTLE_MS, undefined, { signal: context.signal });
      const { parts } = await spentIdle(context, fleet);
      return { figures: [...ready, ...shareFigures(names, parts), ...memoryFigures(names, fleet)], checks: [] };
    });
  },
};

async function startInTurn(names: readonly string[], fleet: BenchFleet): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const name of names) {
    const began = performance.now();
    const value = (await fleet.startWorkers([name])) - began;
    figures.push({
      key: `readyMs.${name}`,
      title: `start to ready, ${name}`,
      value,
      unit: 'ms',
      target: { atMost: READY_MS },
    });
  }
  return figures;
}

async function spentIdle({ servers, signal }: BenchContext, fleet: BenchFleet): Promise<Costs> {
  const roots = new Map([...fleet.pids, ...serverPids(servers)]);
  const before = costsOf(roots);
  await pause(MEASURE_MS, undefined, { signal });
  return spentBetween(before, costsOf(roots));
}

function shareFigures(workers: readonly string[], parts: Costs['parts']): Figure[] {
  const ours = ['web', ...workers];
  const share = (names: readonly string[]): number => {
    const seconds = names.reduce((sum, name) => sum + (parts.get(name) ?? Number.NaN), 0);
    return (seconds * 1000 * 100) / MEASURE_MS;
  };
  const figure = (name: string): Figure => ({
    key: `idleShare.${name}`,
    title: `idle, ${name}`,
    value: share([name]),
    unit: '% of a core',
  });
  return [
    {
      key: 'idleShare.fleet',
      title: 'idle, web and all workers',
      value: share(ours),
      unit: '% of a core',
      target: { atMost: SHARE },
    },
    ...ours.map(figure),
    ...[...parts.keys()].filter((part) => !ours.includes(part)).map(figure),
  ];
}

const memoryFigures = (workers: readonly string[], { pids }: BenchFleet): Figure[] =>
  workers.map((name) => ({
    key: `idleMemoryMB.${name}`,
    title: `memory, ${name}`,
    value: megabytes(residentBytes(pids.get(name) ?? 0)),
    unit: 'MB resident',
    target: { atMost: MEMORY_MB },
  }));
