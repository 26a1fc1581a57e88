/** `npm run bench -- plan`: what so many orders a second need, computed from results of the bench. Needs no servers. */
import { resolve } from 'node:path';
import { wholeNumber } from '../../../config/variable.js';
import { CommandLineFaults, describeOptions, flag, readCommandLine, texts } from '../../../scripts/command-line.js';
import { keptResults, readResult } from '../results.js';
import { EVENTS_AT_MOST, SERVER, type ServerSize } from './assumptions.js';
import { planFor } from './fleet-plan.js';
import { measuredCosts, NothingMeasured } from './measured-costs.js';
import { predictions } from './prediction.js';
import {
  firstFull,
  fittedLines,
  planLines,
  predictionLines,
  saturationLines,
  splitLines,
  volumeLine,
} from './report.js';
import { saturations, yearFills } from './saturation.js';

const options = {
  rates: texts('--orders-per-second', 'orders a second to plan for, one or several with commas between them'),
  utilisation: wholeNumber(
    { names: ['--utilisation'], fallback: '60', meaning: 'percent of what it can do that anything is to be busy with' },
    10,
    100,
  ),
  results: texts('--results', 'files to plan from, instead of the newest in bench/results'),
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
  const args = process.argv.slice(2).filter((word) => word !== 'plan');
  process.stdout.write(args.includes('--help') ? HELP : `${(await planned(args)).join('\n')}\n`);
} catch (error) {
  if (!(error instanceof CommandLineFaults || error instanceof NothingMeasured)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof CommandLineFaults ? 2 : 1;
}

async function planned(args: readonly string[]): Promise<string[]> {
  const { options: given, words } = readCommandLine(options, args);
  if (words.length > 0) throw new CommandLineFaults([`plan takes options only, not ${words.join(' ')}`]);
  const rates = ratesOf(given.rates);
  const kept =
    given.results.length === 0
      ? await keptResults()
      : await Promise.all(given.results.map((file) => readResult(resolve(process.env['INIT_CWD'] ?? '', file))));
  const costs = measuredCosts(kept);
  const utilisation = given.utilisation / 100;
  const server: ServerSize = { ...SERVER, ...given };
  const plans = rates.map((ordersPerSecond) => ({
    ordersPerSecond,
    plan: planFor({ ordersPerSecond, utilisation }, costs, server),
  }));
  const full = saturations(utilisation, costs, server);
  const splits = plans.flatMap((plan) => splitLines(plan, costs, utilisation));
  const beyond = plans.filter(({ plan }) => plan.eventsPerSecond > EVENTS_AT_MOST);
  return [
    ...fittedLines(costs, utilisation),
    '',
    ...planLines(plans),
    '',
    ...saturationLines(full, costs.events),
    '',
    firstFull(full),
    volumeLine(yearFills(costs, server), server),
    ...(splits.length > 0 ? ['', ...splits] : []),
    ...(beyond.length > 0
      ? ['', `More than ${EVENTS_AT_MOST.toLocaleString('en-GB')} events/s is beyond this plan.`]
      : []),
    '',
    ...predictionLines(predictions(costs, kept)),
  ];
}

function ratesOf(given: readonly string[]): number[] {
  const odd = given.filter((text) => !/^[1-9]\d{0,5}$/.test(text));
  if (given.length === 0 || odd.length > 0)
    throw new CommandLineFaults([
      '--orders-per-second has to be whole numbers from 1 to 999999, such as 100 or 10,100,1000',
    ]);
  return given.map(Number);
}
