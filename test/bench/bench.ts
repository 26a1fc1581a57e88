/** `npm run bench`: measures the program on servers of its own. */
import { basename, resolve } from 'node:path';
import { wholeNumber, words } from '../../config/variable.js';
import { CommandLineFaults, countOrNone, describeOptions, flag, readCommandLine } from '../../scripts/command-line.js';
import { BenchServers } from './bench-servers.js';
import { consoleScreens } from './console.js';
import { cost } from './cost.js';
import { drain } from './drain.js';
import { endToEnd } from './end-to-end.js';
import { describeEnvironment } from './environment.js';
import { hotSku } from './hot-sku.js';
import { idle } from './idle.js';
import { latency } from './latency.js';
import { overload } from './overload.js';
import { peers } from './peers.js';
import { peersCost } from './peers-cost.js';
import { processes } from './processes.js';
import { benchJson, environmentLines, faultsOf, type Measured, measuredLines } from './report.js';
import { saveResult } from './results.js';
import type { BenchOptions, Scenario, ScenarioResult } from './scenario.js';
import { slowProvider } from './slow-provider.js';
import { tracing } from './tracing.js';
import { wide } from './wide.js';

/** In the order in which they run. */
const SCENARIOS: readonly Scenario[] = [
  drain,
  endToEnd,
  latency,
  cost,
  wide,
  hotSku,
  processes,
  slowProvider,
  overload,
  tracing,
  consoleScreens,
  idle,
  peers,
  peersCost,
];

const options = {
  orders: wholeNumber({ names: ['--orders'], fallback: '10000', meaning: 'orders of a run' }, 1, 10_000_000),
  lines: wholeNumber({ names: ['--lines'], fallback: '2', meaning: 'lines of an order' }, 1, 500),
  warmUp: wholeNumber(
    {
      names: ['--warm-up'],
      fallback: '10000',
      meaning: 'orders handled before measuring; 0 measures from a cold start',
    },
    0,
    1_000_000,
  ),
  seconds: wholeNumber(
    { names: ['--seconds'], fallback: '60', meaning: 'how long sustained load is measured, in seconds' },
    5,
    3600,
  ),
  tableOrders: wholeNumber(
    { names: ['--table-orders'], fallback: '1000000', meaning: 'orders in the tables that the console reads' },
    1000,
    10_000_000,
  ),
  letters: wholeNumber(
    { names: ['--letters'], fallback: '10000', meaning: 'dead letters in the tables that the console reads' },
    100,
    1_000_000,
  ),
  file: words({
    names: ['--file'],
    fallback: '',
    meaning: 'CSV file of wide orders, in the format of the UCI "Online Retail" data set',
  }),
  runs: wholeNumber({ names: ['--runs'], fallback: '1', meaning: 'runs of each scenario; the median counts' }, 1, 100),
  limitS: countOrNone('--limit', 'end a run after so many seconds; without it, after what makes sense for it', 86_400),
  profile: words({
    names: ['--profile'],
    fallback: '',
    meaning: 'folder for CPU profiles of web and the workers, which cost speed',
  }),
  json: flag('--json', 'print the figures as one JSON object on the last line'),
  save: flag('--save', 'keep that object as a file in bench/results, unless work was left undone'),
  help: flag('--help', 'this text'),
};

const NAME_WIDTH = Math.max(...SCENARIOS.map(({ name }) => name.length));

/** A line of the help. */
function described({ name, summary, onlyWhenNamed }: Scenario): string {
  return `  ${name.padEnd(NAME_WIDTH)}  ${summary}${onlyWhenNamed ? `; has to be named: ${onlyWhenNamed}` : ''}`;
}

const HELP = `npm run bench -- [SCENARIO…] [options]

Measures on servers of its own in .local/bench, whose data are wiped first; without a scenario, all but those that have to be named.
Exits with 1 when a run did not do all of its work: then its figures are worth nothing.
\`npm run bench -- plan\` measures nothing: it says what so many orders a second need, from results that are kept (--help).

${SCENARIOS.map(described).join('\n')}

${describeOptions(options)}
`;
const HOME = '.local/bench/servers';
const INTERRUPTED = 130;

/** A run took longer than makes sense for it. */
class TookTooLong extends Error {
  override readonly name = 'TookTooLong';
}

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const plain = error instanceof CommandLineFaults || error instanceof TookTooLong || stop.signal.aborted;
  const shown = plain && error instanceof Error ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${shown}\n`);
  process.exitCode = stop.signal.aborted ? INTERRUPTED : error instanceof CommandLineFaults ? 2 : 1;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options: given, words: names } = readCommandLine(options, args);
  const scenarios = scenariosNamed(names);
  const benchOptions: BenchOptions = {
    orders: given.orders,
    lines: given.lines,
    warmUp: given.warmUp,
    seconds: given.seconds,
    tableOrders: given.tableOrders,
    letters: given.letters,
    file: given.file === '' ? undefined : resolve(process.env['INIT_CWD'] ?? '.', given.file),
    profileFolder: given.profile || undefined,
  };
  const servers = new BenchServers(HOME);
  const measured: Measured[] = [];
  try {
    for (const scenario of scenarios) {
      const limitMs = given.limitS === undefined ? scenario.limitMs(benchOptions) : given.limitS * 1000;
      const runs: ScenarioResult[] = [];
      for (let run = 1; run <= given.runs; run++) {
        const title = given.runs > 1 ? `${scenario.name} ${run}/${given.runs}` : scenario.name;
        runs.push(await runOnce(scenario, benchOptions, servers, limitMs, title));
      }
      const { profileFolder: _, file, ...counted } = benchOptions;
      const named = file === undefined ? {} : { file: basename(file) };
      measured.push({ scenario: scenario.name, options: { ...counted, ...named }, runs });
    }
    const environment = await describeEnvironment(servers);
    process.stdout.write(`\n${environmentLines(environment).join('\n')}\n`);
    for (const one of measured) process.stdout.write(`\n${measuredLines(one).join('\n')}\n`);
    const faulty = measured.some(({ runs }) => faultsOf(runs).length > 0);
    const json = benchJson(environment, measured);
    if (given.save && !faulty) process.stdout.write(`\nkept as ${await saveResult(json)}\n`);
    if (given.json) process.stdout.write(`${json}\n`);
    return faulty ? 1 : 0;
  } finally {
    await servers.stop();
  }
}

async function runOnce(
  scenario: Scenario,
  benchOptions: BenchOptions,
  servers: BenchServers,
  limitMs: number,
  title: string,
): Promise<ScenarioResult> {
  const say = (line: string): void => void process.stdout.write(`${title}: ${line}\n`);
  say('wiping and starting the servers');
  await servers.startEmpty();
  stop.signal.throwIfAborted();
  const tooLong = new AbortController();
  const timer = setTimeout(() => tooLong.abort(), limitMs);
  try {
    const signal = AbortSignal.any([stop.signal, tooLong.signal]);
    return await scenario.run({ options: benchOptions, servers, signal, say });
  } catch (error) {
    // Whatever it was that the abort broke off.
    throw tooLong.signal.aborted ? new TookTooLong(`${title} did not end within ${limitMs / 1000} s`) : error;
  } finally {
    clearTimeout(timer);
  }
}

function scenariosNamed(names: readonly string[]): readonly Scenario[] {
  const known = SCENARIOS.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new CommandLineFaults([`there is no scenario ${unknown.join(', ')}; there are ${known.join(', ')}`]);
  return SCENARIOS.filter(({ name, onlyWhenNamed }) =>
    names.length === 0 ? onlyWhenNamed === undefined : names.includes(name),
  );
}
