/** What the parts of a run have cost, and which processes the servers are. */
import type { BenchServers } from './bench-servers.js';
import { cpuSecondsOf, machineCpuSeconds } from './process-cost.js';

/** CPU seconds by part, and of the whole machine; NaN where the system does not tell. */
export interface Costs {
  readonly parts: ReadonlyMap<string, number>;
  readonly machine: number;
}

export const costsOf = (roots: ReadonlyMap<string, number>): Costs => ({
  parts: cpuSecondsOf(roots),
  machine: machineCpuSeconds() ?? Number.NaN,
});

export const spentBetween = (before: Costs, after: Costs): Costs => ({
  parts: new Map([...after.parts].map(([part, seconds]) => [part, seconds - (before.parts.get(part) ?? 0)])),
  machine: after.machine - before.machine,
});

export const serverPids = (servers: BenchServers): ReadonlyMap<string, number> =>
  new Map([
    ['postgres', servers.pid('postgres')],
    ['rabbitmq', servers.pid('rabbitmq')],
    ['redis', servers.pid('redis')],
  ]);
