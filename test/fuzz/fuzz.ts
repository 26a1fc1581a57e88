/** `npm run fuzz`: hostile requests to the intake of a whole fleet and hostile messages to its queues, and what they left behind. */
import 'reflect-metadata';
import { randomInt } from 'node:crypto';
import { createOperator } from '../../api/operators/operator.js';
import { DEVELOPMENT } from '../../config/environment.js';
import { orNone, wholeNumber } from '../../config/variable.js';
import { CommandLineFaults, describeOptions, flag, readCommandLine } from '../../scripts/command-line.js';
import { workerNames } from '../../workers/registry.js';
import { Deployment } from '../support/deployment.js';
import { documents } from '../support/reference/documents.js';
import { fuzzHttp } from './fuzz-http.js';
import { fuzzMessages } from './fuzz-messages.js';

const options = {
  requests: wholeNumber(
    { names: ['--requests'], fallback: '100000', meaning: 'requests that are sent to the intake' },
    0,
    10_000_000,
  ),
  messages: wholeNumber(
    { names: ['--messages'], fallback: '20000', meaning: 'messages that are sent to the queues' },
    0,
    1_000_000,
  ),
  seed: orNone(
    wholeNumber({ names: ['--seed'], meaning: 'decides what is sent; printed by every run' }, 0, 2 ** 31 - 1),
  ),
  help: flag('--help', 'this text'),
};

const HELP = `npm run fuzz -- [options]

Starts the whole fleet on servers of its own, each worker a process. Sends its intake requests that are made of the reference and
spoilt, and bytes that are no HTTP; then its queues messages that are made of the contracts and spoilt, while orders are placed. Prints
how each request was answered and what became of each message. Exits with 1 when an answer was an error of ours, told what is behind
the intake, was not as the reference says, or when what was refused left a row; when a message came to another end than it
should, a process ended or a real order did not, or an invariant is broken.

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
  say(`seed ${seed}: the same again with --seed ${seed}`);
  const processes = (await workerNames()).map((name) => [name]);
  const fleet = await Deployment.start({ processes, environment: { LOG_LEVEL: 'info' } });
  try {
    const faults = [
      ...(await sendRequests(fleet, given.requests, seed)),
      ...(await sendMessages(fleet, given.messages, seed)),
    ];
    for (const fault of faults.slice(0, 50)) say(`✗ ${fault}`);
    say(`${faults.length} faults`);
    return faults.length === 0 ? 0 : 1;
  } finally {
    await fleet.stop();
  }
}

/** Returns the faults. */
async function sendRequests(fleet: Deployment, requests: number, seed: number): Promise<readonly string[]> {
  if (requests === 0) return [];
  // One who may change something would pause queues and disable storefronts.
  const viewer = await createOperator(fleet.database.database, { name: 'fuzz', role: 'viewer' });
  const seen = await fuzzHttp({
    documents: await documents(),
    url: fleet.url,
    keys: { storefront: DEVELOPMENT.storefrontKey, operator: viewer?.key ?? '' },
    requests,
    seed,
    signal: stop.signal,
    onProgress: sayEvery(10_000, 'requests'),
  });
  sayCounts(seen.counts);
  say(`${seen.orders.size} orders were good enough`);
  const { rows } = await fleet.database.database.query<{ n: number }>({
    text: 'select count(*)::int as n from orders',
  });
  const left = (rows[0]?.n ?? -1) - seen.orders.size;
  return left === 0 ? seen.faults : [...seen.faults, `${left} orders more than were accepted`];
}

/** Returns the faults. */
async function sendMessages(fleet: Deployment, messages: number, seed: number): Promise<readonly string[]> {
  if (messages === 0) return [];
  const seen = await fuzzMessages({
    documents: await documents(),
    fleet,
    messages,
    seed,
    signal: stop.signal,
    onProgress: sayEvery(1000, 'messages'),
  });
  sayCounts(seen.counts);
  say(
    `${seen.orders} orders were placed meanwhile; an operator discarded ${seen.discarded} letters so that they went on`,
  );
  return seen.faults;
}

function sayEvery(every: number, what: string): (count: number) => void {
  return (count) => {
    if (count % every === 0) say(`${count} ${what}`);
  };
}

function sayCounts(counts: ReadonlyMap<string, number>): void {
  for (const [what, count] of [...counts].sort()) say(`${String(count).padStart(8)}  ${what}`);
}
