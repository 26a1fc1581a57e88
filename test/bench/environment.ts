/** What the figures were measured on. */
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { tuning } from './bench-fleet.js';
import type { BenchServers } from './bench-servers.js';
import { RESULTS } from './results.js';

export interface BenchEnvironment {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
  readonly rabbitmq: string;
  readonly redis: string;
  /** With `+` when there are changes that are not committed, results left aside. */
  readonly commit: string;
  /** Variables that were set to try something out. */
  readonly tuning: NodeJS.ProcessEnv;
}

export async function describeEnvironment(servers: BenchServers): Promise<BenchEnvironment> {
  return {
    at: new Date().toISOString(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    postgres: servers.version('postgres'),
    rabbitmq: servers.version('rabbitmq'),
    redis: servers.version('redis'),
    commit: await commit(),
    tuning: tuning(process.env),
  };
}

async function commit(): Promise<string> {
  try {
    const git = async (...args: string[]) => (await promisify(execFile)('git', args)).stdout.trim();
    const [head, changes] = await Promise.all([
      git('rev-parse', '--short', 'HEAD'),
      git('status', '--porcelain', '--', '.', `:!${RESULTS}`),
    ]);
    return changes === '' ? head : `${head}+`;
  } catch {
    return 'unknown';
  }
}
