/** `npm run simulate`: the runtime under seeds, until one is red. */
import 'reflect-metadata';
import { createHash, randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { wholeNumber } from '../../../config/variable.js';
import {
  CommandLineFaults,
  countOrNone,
  describeOptions,
  flag,
  readCommandLine,
} from '../../../scripts/command-line.js';
import { tableLines } from '../../../scripts/table.js';
import { caughtBy } from './mutant-runs.js';
import { Report } from './report.js';
import { simulate } from './simulate-seed.js';

/** As `Chance` takes them. */
const SEEDS = 2 ** 32;
const DAY_S = 86_400;
const DIST = fileURLToPath(new URL('../../../', import.meta.url));

const options = {
  seeds: wholeNumber({ names: ['--seeds'], fallback: '1000', meaning: 'runs at most' }, 1, 1_000_000_000),
  seconds: countOrNone('--seconds', 'begins no run after so many seconds', DAY_S),
  seed: countOrNone('--seed', 'the first seed; the next are those that follow. Any, where it is not given', SEEDS - 1),
  trace: flag('--trace', 'prints all that happens, and a digest of it'),
  mutants: flag('--mutants', 'instead, switches defects on one by one and sees that each is caught'),
  help: flag('--help', 'this text'),
};
const HELP = `npm run simulate -- [options]

Runs the runtime, its actors and the intake on a simulated broker, database and Redis, in a time of their own. A seed decides
what happens and what goes wrong; then all heals, and must come right. Stops at the first seed that is red, and prints the
command that runs it again. Exits with 1 then.

${describeOptions(options)}
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const plain = error instanceof CommandLineFaults;
  process.stderr.write(`${plain ? error.message : (error as Error).stack}\n`);
  process.exitCode = plain ? 2 : 1;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options: given } = readCommandLine(options, args);
  const first = given.seed ?? randomInt(1, SEEDS - 1);
  if (given.mutants) return tryMutants(first, given.seeds);
  const report = new Report();
  const endMs = performance.now() + (given.seconds ?? Number.POSITIVE_INFINITY) * 1000;
  for (let count = 0; count < given.seeds && performance.now() < endMs; count++) {
    const outcome = await simulate((first + count) % SEEDS);
    report.add(outcome);
    if (given.trace) say([...outcome.trace, `digest ${digestOf(outcome.trace)}`].join('\n'));
    if (outcome.faults.length === 0) continue;
    for (const fault of outcome.faults) say(`✗ seed ${outcome.seed}: ${fault}`);
    say(`\nagain: npm run simulate -- --seed ${outcome.seed} --seeds 1 --trace`);
    return 1;
  }
  for (const line of report.lines()) say(line);
  return 0;
}

function digestOf(trace: readonly string[]): string {
  return createHash('sha256').update(trace.join('\n')).digest('hex').slice(0, 16);
}

async function tryMutants(first: number, seeds: number): Promise<number> {
  const rows = await caughtBy(DIST, first, seeds, say);
  const survivors = rows.filter(({ caught }) => caught === undefined).length;
  const cells = rows.map(({ name, caught = 'SURVIVED' }) => [name, caught]);
  say(`\n${tableLines([['DEFECT', 'CAUGHT BY'], ...cells]).join('\n')}\n`);
  say(`${rows.length - survivors} of ${rows.length} defects caught`);
  return survivors === 0 && rows.length > 0 ? 0 : 1;
}
