/** `npm run bench -- plan`: what so many orders a second need, computed from results of the bench. Needs no servers. */
import { resolve } from 'node:path';
import { wholeNumber } from '../../../config/variable.js';
import { CommandLineFaults, describeOptions, flag, readCommandLine, texts } from '../../../scripts/command-line.js';
import { type KeptResult, NoResult, newestFirst, plainResults, readResult } from '../results.js';
import { SERVER } from './assumptions.js';
import { NothingMeasured } from './measured-costs.js';
import { planReport } from './report.js';

const options = {
  rates: texts('--orders-per-second', 'orders a second to plan for, one or several with commas between them'),
  utilisation: wholeNumber(
    { names: ['--utilisation'], fallback: '60', meaning: 'percent of what it can do that anything is to be busy with' },
    10,
    95,
  ),
  results: texts('--results', 'files to plan from, with commas between them, instead of the newest in bench/results'),
  cores: wholeNumber(
    { names: ['--server-cores'], fallback: String(SERVER.cores), meaning: 'cores of a server' },
    1,
    1000,
  ),
  walMBPerSecond: wholeNumber(
    {
      names: ['--wal-mb-per-second'],
      fallback: String(SERVER.walMBPerSecond),
      meaning: 'MB/s of write-ahead log that a PostgreSQL server keeps up with',
    },
    1,
    100_000,
  ),
  connections: wholeNumber(
    {
      names: ['--database-connections'],
      fallback: String(SERVER.connections),
      meaning: 'connections that a PostgreSQL server lets in',
    },
    10,
    100_000,
  ),
  queueMessagesPerSecond: wholeNumber(
    {
      names: ['--queue-messages-per-second'],
      fallback: String(SERVER.queueMessagesPerSecond),
      meaning: 'messages a second through one quorum queue',
    },
    100,
    1_000_000,
  ),
  help: flag('--help', 'this text'),
};

const HELP = `npm run bench -- plan --orders-per-second N [options]

Says how many processes and what servers so many orders a second need, which part is full first, and how it is split.

${describeOptions(options)}
`;

try {
  const [plan, ...args] = process.argv.slice(2);
  if (plan !== 'plan') throw new TypeError('this is what `npm run bench -- plan` runs');
  process.stdout.write(args.includes('--help') ? HELP : `${(await planned(args)).join('\n')}\n`);
} catch (error) {
  if (!(error instanceof CommandLineFaults || error instanceof NothingMeasured || error instanceof NoResult))
    throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof CommandLineFaults ? 2 : 1;
}

async function planned(args: readonly string[]): Promise<string[]> {
  const { options: given, words } = readCommandLine(options, args);
  if (words.length > 0) throw new CommandLineFaults([`plan takes options only, not ${words.join(' ')}`]);
  const rates = ratesOf(given.rates);
  const kept = given.results.length === 0 ? await plainResults() : newestFirst(await namedResults(given.results));
  return planReport({ rates, utilisation: given.utilisation / 100, server: { ...SERVER, ...given } }, kept);
}

/** npm runs commands in the project's folder, and says in INIT_CWD where it was called from. */
function namedResults(files: readonly string[]): Promise<KeptResult[]> {
  return Promise.all(
    files.map(async (path) => ({ ...(await readResult(resolve(process.env['INIT_CWD'] ?? '.', path))), path })),
  );
}

function ratesOf(given: readonly string[]): number[] {
  const odd = given.filter((text) => !/^[1-9]\d{0,5}$/.test(text));
  if (given.length === 0 || odd.length > 0)
    throw new CommandLineFaults([
      '--orders-per-second has to be whole numbers from 1 to 999999, such as 100 or 10,100,1000',
    ]);
  return given.map(Number);
}
