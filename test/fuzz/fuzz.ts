/** `npm run fuzz`: hostile requests to the intake of a whole fleet, and what they left behind. */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { DEVELOPMENT } from '../../config/environment.js';
import { orNone, wholeNumber } from '../../config/variable.js';
import { CommandLineFaults, describeOptions, flag, readCommandLine } from '../../scripts/command-line.js';
import { Deployment } from '../support/deployment.js';
import { documents } from '../support/reference/documents.js';
import { fuzzHttp } from './fuzz-http.js';

const options = {
  requests: wholeNumber(
    { names: ['--requests'], fallback: '100000', meaning: 'requests that are sent' },
    1,
    10_000_000,
  ),
  seed: orNone(
    wholeNumber({ names: ['--seed'], meaning: 'decides what is sent; printed by every run' }, 0, 2 ** 31 - 1),
  ),
  help: flag('--help', 'this text'),
};

const HELP = `npm run fuzz -- [options]

Starts the whole fleet on servers of its own and sends its intake requests that are made of the reference and spoilt, and bytes that
are no HTTP. Prints how each was answered. Exits with 1 when an answer was an error of ours, told what is behind the intake, was not as
the reference says, or when what was refused left a row.

${describeOptions(options)}
`;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const say = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof CommandLineFaults ? error.message : (error as Error).stack}\n`);
  process.exitCode = 2;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const { options: given } = readCommandLine(options, args);
  const seed = given.seed ?? randomInt(2 ** 31 - 1);
  say(`seed ${seed}: the same requests again with --seed ${seed}`);
  const fleet = await Deployment.start({ environment: { LOG_LEVEL: 'info' } });
  try {
    const seen = await fuzzHttp({
      documents: await documents(),
      url: fleet.url,
      key: DEVELOPMENT.storefrontKey,
      requests: given.requests,
      seed,
      signal: stop.signal,
      onProgress: (count) => {
        if (count % 10_000 === 0) say(`${count} requests`);
      },
    });
    for (const [what, count] of [...seen.counts].sort()) say(`${String(count).padStart(8)}  ${what}`);
    const { rows } = await fleet.database.database.query<{ n: number }>({
      text: 'select count(*)::int as n from orders',
    });
    const left = (rows[0]?.n ?? -1) - seen.orders.size;
    const faults = left === 0 ? seen.faults : [...seen.faults, `${left} orders more than were accepted`];
    for (const fault of faults.slice(0, 50)) say(`✗ ${fault}`);
    say(`${faults.length} faults; ${seen.orders.size} orders were good enough`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await fleet.stop();
  }
}
