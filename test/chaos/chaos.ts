/** `npm run chaos`: the whole fleet at work while processes, servers and lines fail at random, and the audit afterwards. */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { requestsIn } from '../../audit/sources/request-log.js';
import { CommandLineFaults, describeOptions, readCommandLine } from '../../scripts/command-line.js';
import { RequestLog } from '../../scripts/load/request-log.js';
import { runLoad } from '../../scripts/load/run.js';
import { setUpStock } from '../../scripts/load/set-up.js';
import { Storefront } from '../../scripts/load/storefront.js';
import { summarize } from '../../scripts/load/summary.js';
import type { Fault } from './fault.js';
import { FAULTS } from './faults/catalogue.js';
import { injectAll } from './injection.js';
import { type ChaosOptions, chosenFaults, options } from './options.js';
import { planFaults, type Step } from './plan.js';
import { type ChaosResult, clock, faultsOf, reportLines } from './report.js';
import { System } from './system.js';
import { judge, orderTimes } from './verdict.js';
import { planWorkload } from './workload.js';

const helpLine = ({ name, what, weight, broker }: Fault): string =>
  `  ${weight === 0 ? '*' : broker === 'cluster' ? '⌘' : ' '} ${name.padEnd(20)} ${what}`;

const HELP = `npm run chaos -- [options]

Starts the whole fleet on servers of its own, several processes a worker, places orders by the clock, and lets faults happen
at random: in processes, servers, lines and providers. Then it heals them, waits until the fleet is quiet, and computes every
invariant. Prints a timeline, how fast the fleet recovered, and the audit. Exits with 1 when an invariant does not hold, a
process ended by itself, or, where nobody may notice a fault, when a request failed.

${describeOptions(options)}

Faults (* only when asked for by name, ⌘ only with --cluster):
${FAULTS.map(helpLine).join('\n')}
`;
/** The launcher's, which keeps the servers there. */
const HOME = '.local/chaos';
const CLUSTER = join(HOME, 'cluster');
/** Logs of the processes, ledgers of the sandbox, and what the load was told: kept until the next run. */
const FOLDER = join(HOME, 'run');
const MINUTE_MS = 60_000;
const CONNECTIONS = 256;
const UNSOUND = 1;
const CANNOT_RUN = 2;
const INTERRUPTED = 130;

let interrupted = false;
const stop = new AbortController();
// Every order that waits listens to it.
setMaxListeners(0, stop.signal);
// Whoever asks twice does not wait until all is healed; the launcher ends what runs.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (interrupted) process.exit(INTERRUPTED);
    interrupted = true;
    stop.abort();
  });

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const plain = error instanceof CommandLineFaults;
  if (!interrupted) process.stderr.write(`${plain ? error.message : (error as Error).stack}\n`);
  process.exitCode = CANNOT_RUN;
}
if (interrupted) process.exitCode = INTERRUPTED;
// The channel to the launcher would keep it.
process.disconnect?.();

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options: given } = readCommandLine(options, args);
  const faults = chosenFaults(given);
  if (faults.length === 0)
    throw new CommandLineFaults(['none of the faults can happen with such a broker; see --help']);
  const seed = given.seed ?? String(randomInt(1_000_000));
  say(`seed ${seed}: the same faults again with --seed ${seed}`);
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const complaints: string[] = [];
  const complain = (what: string): void => {
    complaints.push(what);
    say(`✗ ${what}`);
  };
  const clusterHome = given.cluster ? CLUSTER : undefined;
  const { processes } = given;
  const system = await System.start({ home: HOME, folder: FOLDER, processes, clusterHome, complain });
  try {
    const result = await run(system, given, planFaults(faults, seed, given.minutes * MINUTE_MS), seed, complaints);
    say(`\n${reportLines(result).join('\n')}`);
    say(`seed ${seed}; logs are in ${FOLDER}`);
    return faultsOf(result).length === 0 ? 0 : UNSOUND;
  } finally {
    await system.stop();
  }
}

async function run(
  system: System,
  given: ChaosOptions,
  steps: readonly Step[],
  seed: string,
  complaints: readonly string[],
): Promise<ChaosResult> {
  const { signal } = stop;
  const durationMs = given.minutes * MINUTE_MS;
  const waitMs = given.waitS * 1000;
  const file = given.orders === undefined ? undefined : resolve(process.env['INIT_CWD'] ?? '.', given.orders);
  const { stock, orders } = await planWorkload(file, (given.rate * durationMs) / 1000, seed);
  const { url, storefrontKey: key } = system.fleet;
  const storefront = new Storefront({ url, key, connections: CONNECTIONS });
  const requestLog = join(FOLDER, 'requests.ndjson');
  const log = new RequestLog(requestLog);
  try {
    say(`${system.fleet.processes.length} processes are ready; putting ${stock.length} articles on the shelves`);
    await setUpStock(stock, { storefront, concurrency: 16, signal, onDone: () => undefined });
    const startedAt = Date.now();
    const tell = (mark: string) => (name: string, victim: string) =>
      say(`${clock(Date.now() - startedAt).padStart(6)}  ${mark} ${name} (${victim})`);
    const loading = runLoad(orders, {
      storefront,
      rate: given.rate,
      concurrency: CONNECTIONS,
      idleMs: waitMs,
      signal,
      onRequest: (request) => log.note(request),
      onAnswer: () => undefined,
      onEnd: () => undefined,
    });
    const clockwork = { startedAt, durationMs, signal, onBegin: tell('✂'), onHeal: tell('✓') };
    const [happenings, { records, placingMs }] = await Promise.all([
      injectAll(steps, system, clockwork).catch(givingUp),
      loading,
    ]);
    await log.close();
    signal.throwIfAborted();
    say('waiting for quiet, and auditing');
    const judgement = await judge(system, requestLog, waitMs, signal);
    return {
      ...judgement,
      startedAt,
      restedAt: Date.now(),
      happenings,
      orders: await orderTimes(system.database),
      requests: await requestsIn(requestLog),
      summary: summarize(records, placingMs),
      complaints,
    };
  } finally {
    await storefront.close();
  }
}

/** What cannot be healed ends the run. */
function givingUp(error: unknown): never {
  stop.abort();
  throw error;
}
