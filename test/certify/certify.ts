/** `npm run certify`: kills real processes at every boundary of the program, and audits what is left. */
import 'reflect-metadata';
import { fileURLToPath } from 'node:url';
import { words } from '../../config/variable.js';
import { CommandLineFaults, describeOptions, flag, readCommandLine } from '../../scripts/command-line.js';
import { tableLines } from '../../scripts/table.js';
import type { Failpoint } from '../../shared/observability/failpoint.js';
import { createBroker } from '../support/broker.js';
import { type Cell, certifyCell, trace, unpassed } from './boundaries.js';
import { MUTANTS, type Mutant, mutate } from './mutants.js';
import { brokenBy, cellLines, faultLines } from './report.js';
import { type Part, Stand } from './stand.js';
import { auditOf } from './verdict.js';

const options = {
  mutants: flag('--mutants', 'instead, switch defects on one by one and see that each is caught'),
  parts: words({ names: ['--parts'], fallback: '', meaning: 'only these processes, separated by commas' }),
  failpoints: words({ names: ['--failpoints'], fallback: '', meaning: 'only these boundaries, separated by commas' }),
  help: flag('--help', 'this text'),
};
const HELP = `npm run certify -- [options]
npm run certify -- --mutants [WORDS OF ITS NAME]

Starts the whole fleet on servers of its own, finds out which boundaries each process passes, kills each process at each of
them while orders are under way, starts it again, and computes every invariant. Prints boundary by process: how long the
orders took to their ends. Exits with 1 when anything was lost or done twice, or a boundary is passed by nobody.

${describeOptions(options)}
`;
const DIST = fileURLToPath(new URL('../../', import.meta.url));
const INTERRUPTED = 130;
const QUIET_WITHIN_MS = 60_000;
/** A mutant need not come to rest. */
const MUTANT_QUIET_WITHIN_MS = 15_000;
const MUTANT_ENDS_WITHIN_MS = 20_000;

/** What runs, to be ended with this process. */
let standing: Stand | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void (standing?.stop() ?? Promise.resolve()).finally(() => process.exit(INTERRUPTED)));
}

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
  const { options: given, words: name } = readCommandLine(options, args);
  return given.mutants
    ? await certifyMutants(name.join(' '))
    : await certifyBoundaries(listed(given.parts), listed(given.failpoints));
}

async function certifyBoundaries(parts: readonly string[], failpoints: readonly string[]): Promise<number> {
  const broker = await createBroker();
  const stand = await Stand.start(DIST, { RABBITMQ_URL: broker.url });
  standing = stand;
  try {
    say('finding out which boundaries each process passes');
    const passed = await trace(stand);
    const nobodys = unpassed(passed);
    for (const part of stand.parts) await stand.restart(part);
    const cells: Cell[] = [];
    for (const [part, failpoint] of chosen(passed, parts, failpoints)) {
      const cell = await certifyCell(stand, part, failpoint);
      cells.push(cell);
      const { tookMs, faults } = cell;
      say(`${part} at ${failpoint}: ${faults.length === 0 ? `${(tookMs / 1000).toFixed(1)} s` : faults.join('; ')}`);
    }
    say('waiting for quiet, and auditing');
    const { verdicts, underWay } = await auditOf(stand.deployment, QUIET_WITHIN_MS);
    const faults = [
      ...faultLines(cells, verdicts),
      ...underWay.map((what) => `✗ not quiet: ${what}`),
      ...nobodys.map((name) => `✗ ${name} is passed by no process: nothing certifies it`),
    ];
    say(`\n${cellLines(cells, stand.parts, verdicts).join('\n')}\n`);
    for (const fault of faults) say(fault);
    const orders = cells.flatMap(({ orderIds }) => orderIds).length;
    say(
      `${cells.length} deaths at ${new Set(cells.map(({ failpoint }) => failpoint)).size} boundaries, ${orders} orders, ${faults.length} faults`,
    );
    return faults.length === 0 && cells.length > 0 ? 0 : 1;
  } finally {
    await stand.stop();
    await broker.close();
  }
}

/** @param words what stands in the names of the mutants; empty for all */
async function certifyMutants(words: string): Promise<number> {
  const mutants = MUTANTS.filter(({ name }) => name.includes(words));
  const rows: string[][] = [];
  let survivors = 0;
  for (const mutant of mutants) {
    say(`${mutant.name} …`);
    const found = await tryMutant(mutant);
    if (found === '') survivors += 1;
    rows.push([mutant.name, found === '' ? 'SURVIVED' : 'caught', found]);
    say(`${mutant.name}: ${found === '' ? 'SURVIVED' : `caught: ${found}`}`);
  }
  say(`\n${tableLines([['DEFECT', '', 'BY'], ...rows]).join('\n')}\n`);
  say(`${mutants.length - survivors} of ${mutants.length} defects caught`);
  return survivors === 0 && mutants.length > 0 ? 0 : 1;
}

/** What the mutant was caught by; nothing when it passes for sound. */
async function tryMutant(mutant: Mutant): Promise<string> {
  const broker = await createBroker();
  const dist = await mutate(DIST, '.local/certify/mutant', mutant);
  let stand: Stand | undefined;
  try {
    stand = await Stand.start(dist, { RABBITMQ_URL: broker.url });
    standing = stand;
    const orderIds = await mutant.provoke(stand);
    await stand.unfinished(orderIds, MUTANT_ENDS_WITHIN_MS);
    const { verdicts, underWay } = await auditOf(stand.deployment, MUTANT_QUIET_WITHIN_MS);
    const broken = brokenBy(verdicts);
    return [...(broken.length > 0 ? [`invariants ${broken.join(', ')}`] : []), ...underWay].join('; ');
  } finally {
    await stand?.stop();
    await broker.close();
  }
}

function chosen(
  passed: ReadonlyMap<Part, ReadonlySet<Failpoint>>,
  parts: readonly string[],
  failpoints: readonly string[],
): [Part, Failpoint][] {
  return [...passed].flatMap(([part, names]) =>
    [...names]
      .filter(
        (name) =>
          (parts.length === 0 || parts.includes(part)) && (failpoints.length === 0 || failpoints.includes(name)),
      )
      .map((name): [Part, Failpoint] => [part, name]),
  );
}

function listed(text: string): string[] {
  return text.split(',').filter((word) => word !== '');
}
