/** What processes cost, as Linux accounts for it; on other systems there are no figures. */
import { readdirSync, readFileSync } from 'node:fs';

/** Linux reports CPU time to programs in hundredths of a second on every architecture. */
const TICKS_PER_SECOND = 100;

interface ProcessStat {
  readonly parent: number;
  /** CPU time of its own and of those of its children that have ended, in seconds. */
  readonly cpuSeconds: number;
}

/**
 * CPU seconds that each part has used so far: its process and all below it that are not parts of their own.
 * @param roots process ids by part
 */
export function cpuSecondsOf(roots: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const processes = readProcesses();
  const childrenOf = new Map<number, number[]>();
  for (const [pid, { parent }] of processes) {
    const siblings = childrenOf.get(parent);
    if (siblings === undefined) childrenOf.set(parent, [pid]);
    else siblings.push(pid);
  }
  const parts = new Set(roots.values());
  const total = (pid: number): number =>
    (childrenOf.get(pid) ?? [])
      .filter((child) => !parts.has(child))
      .reduce((sum, child) => sum + total(child), processes.get(pid)?.cpuSeconds ?? 0);
  return new Map([...roots].map(([part, pid]) => [part, total(pid)]));
}

/** CPU seconds that all processes of the machine and its kernel have used so far; undefined where it is not told. */
export function machineCpuSeconds(): number | undefined {
  // proc_stat(5): user nice system idle iowait irq softirq steal, and then parts of user and nice again.
  const [user, nice, system, , , irq, softirq, steal] =
    textOf('/proc/stat')
      ?.match(/^cpu +(.*)$/m)?.[1]
      ?.split(' ')
      .map(Number) ?? [];
  const busy = [user, nice, system, irq, softirq, steal];
  return user === undefined ? undefined : busy.reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) / TICKS_PER_SECOND;
}

/** The most memory that the process itself ever had resident, in bytes; undefined where it is not told. */
export const peakResidentBytes = (pid: number): number | undefined => memoryOf(pid, /^VmHWM:\s+(\d+) kB$/m);

/** The memory that the process itself has resident now, in bytes; undefined where it is not told. */
export const residentBytes = (pid: number): number | undefined => memoryOf(pid, /^VmRSS:\s+(\d+) kB$/m);

/** NaN where it is not told. */
export const megabytes = (bytes = Number.NaN): number => bytes / 1_000_000;

function memoryOf(pid: number, line: RegExp): number | undefined {
  const kibibytes = textOf(`/proc/${pid}/status`)?.match(line)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function readProcesses(): Map<number, ProcessStat> {
  const processes = new Map<number, ProcessStat>();
  for (const name of process.platform === 'linux' ? readdirSync('/proc') : []) {
    const stat = /^\d+$/.test(name) ? textOf(`/proc/${name}/stat`) : undefined;
    if (stat !== undefined) processes.set(Number(name), parseStat(stat));
  }
  return processes;
}

/** proc(5): the fields after the name, which stands in brackets and may hold blanks and brackets itself. */
export function parseStat(stat: string): ProcessStat {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), cpuSeconds: ticks / TICKS_PER_SECOND };
}

/** Undefined when the process has ended meanwhile. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
