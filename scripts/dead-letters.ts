/** `npm run dead-letters`: looks at dead letters, redrives, edits and discards them. */
import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { variables } from '../config/environment.js';
import { EnvironmentFaults, readVariables } from '../config/variable.js';
import type { Contract } from '../shared/messaging/contract.js';
import { editMessage } from '../shared/messaging/edit.js';
import { InvalidMessage } from '../shared/messaging/invalid-message.js';
import { newId } from '../shared/messaging/message-id.js';
import { Database } from '../shared/postgres/database.js';
import { discardLetters, LetterRefused, redriveLetter, replaceLetter } from '../shared/postgres/dead-letter-changes.js';
import { findLetter, groupLetters, listLetters, type WholeLetter } from '../shared/postgres/dead-letter-list.js';
import { cancelJob, listJobs, makeJob } from '../shared/postgres/redrive-jobs.js';
import { loadWorkers, workerNames } from '../workers/registry.js';
import { CommandLineFaults, describeOptions, readCommandLine } from './command-line.js';
import { authorOf, changedBy, filterOf, type Options, onlyId, options } from './dead-letters/options.js';
import { groupLines, jobLines, letterLines, wholeLetterLines } from './dead-letters/report.js';

const HELP = `npm run dead-letters -- COMMAND [LETTER …] [options]

  list           letters that stand
  groups         open letters by actor, type and error code
  show LETTER    one with its error, body and headers
  redrive        sends open letters to their actor again; one at once, several as a job
  edit LETTER    puts another payload in its place and redrives that
  discard        gives open letters up; those held or under way only by name
  jobs           redrives of several letters and how far they are
  cancel JOB     ends one; what it has not sent stays open

Changes need --by and --reason. Exits with 1 when nothing fits or it is refused, and with 2 when it cannot run.

${describeOptions(options)}
`;
const NOTHING_DONE = 1;
const CANNOT_RUN = 2;

/** What a command has to say, for machines and for eyes. */
interface Answer {
  readonly json: unknown;
  readonly lines: readonly string[];
  readonly nothing?: boolean;
}

type Command = (database: Database, given: Options, named: readonly string[]) => Promise<Answer>;

const COMMANDS: Readonly<Record<string, Command>> = {
  async list(database, given, named) {
    const { status, limit } = given;
    const only = status === 'standing' ? undefined : status;
    const letters = await listLetters(database, filterOf(given, named), { status: only, limit });
    return { json: letters, lines: letters.length === 0 ? ['no letter fits'] : letterLines(letters) };
  },
  async groups(database, given, named) {
    const groups = await groupLetters(database, filterOf(given, named));
    return { json: groups, lines: groups.length === 0 ? ['no letter is open'] : groupLines(groups) };
  },
  async show(database, given, named) {
    const letter = await letterCalled(database, onlyId(given, named));
    return { json: letter, lines: wholeLetterLines(letter) };
  },
  async redrive(database, given, named) {
    const filter = changedBy(given, named);
    const author = authorOf(given);
    const [id] = filter.ids ?? [];
    if (id !== undefined && filter.ids?.length === 1) {
      await database.transaction((transaction) => redriveLetter(transaction, id, author));
      const { behind } = await letterCalled(database, id);
      const then =
        behind === null ? 'is redriven' : `is redriven when ${behind} is settled, which is ahead of it in its order`;
      return { json: { letter: id, behind }, lines: [`the letter ${id} ${then}`] };
    }
    const job = await makeJob(database, filter, { ...author, perSecond: given.rate });
    if (job === undefined) return { json: null, lines: ['no open letter fits'], nothing: true };
    return {
      json: job,
      lines: [`job ${job.id} redrives ${job.total} letters; follow it: npm run dead-letters -- jobs`],
    };
  },
  async edit(database, given, named) {
    const id = onlyId(given, named);
    const author = authorOf(given);
    if (given.body === '') throw new CommandLineFaults(['--body names the file with the edited payload']);
    const text = await readFile(resolve(process.env['INIT_CWD'] ?? '.', given.body), 'utf8');
    const letter = await letterCalled(database, id);
    if (letter.order === null) {
      throw new LetterRefused(
        'dead-letter.no-order',
        `the message of letter ${id} names no order, so no edit can mend it; discard it`,
      );
    }
    const contract = await contractOf(letter);
    const edited = editMessage(letter, { contract, payload: parseJson(text, given.body), messageId: newId() });
    const replacement = await database.transaction((transaction) => replaceLetter(transaction, { id, edited, author }));
    return {
      json: { letter: replacement, replaces: id, messageId: edited.messageId },
      lines: [`the letter ${replacement} takes the place of ${id} and is redriven, as message ${edited.messageId}`],
    };
  },
  async discard(database, given, named) {
    const discarded = await database.transaction((transaction) =>
      discardLetters(transaction, changedBy(given, named), authorOf(given)),
    );
    return { json: { discarded }, lines: [`discarded ${discarded}`], nothing: discarded === 0 };
  },
  async jobs(database, given) {
    const jobs = await listJobs(database, { limit: given.limit });
    return { json: jobs, lines: jobs.length === 0 ? ['there is no job'] : jobLines(jobs) };
  },
  async cancel(database, given, named) {
    const id = onlyId(given, named);
    const cancelled = await database.transaction((transaction) => cancelJob(transaction, id, authorOf(given)));
    return {
      json: { cancelled },
      lines: [cancelled ? `cancelled job ${id}` : `no job ${id} is running`],
      nothing: !cancelled,
    };
  },
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const refused = error instanceof LetterRefused || error instanceof InvalidMessage;
  const plain = refused || error instanceof CommandLineFaults || error instanceof EnvironmentFaults;
  const shown = plain ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(
    `${shown}\n${error instanceof CommandLineFaults ? 'npm run dead-letters -- --help tells more\n' : ''}`,
  );
  process.exitCode = refused ? NOTHING_DONE : CANNOT_RUN;
}

/** Returns the exit code. */
async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const {
    options: given,
    words: [name = '', ...named],
  } = readCommandLine(options, args);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined)
    throw new CommandLineFaults([`there is no command "${name}"; there are ${Object.keys(COMMANDS).join(', ')}`]);
  const { databaseUrl } = readVariables({ databaseUrl: variables.databaseUrl }, process.env);
  const database = new Database({ url: databaseUrl, connections: 1, applicationName: 'warren dead-letters' });
  try {
    const { json, lines, nothing = false } = await command(database, given, named);
    process.stdout.write(`${given.json ? JSON.stringify(json) : lines.join('\n')}\n`);
    return nothing ? NOTHING_DONE : 0;
  } finally {
    await database.close();
  }
}

async function letterCalled(database: Database, id: string): Promise<WholeLetter> {
  const letter = await findLetter(database, id);
  if (letter === undefined)
    throw new LetterRefused('dead-letter.not-found', `there is no letter ${id}; list them to find it`);
  return letter;
}

/** Of the handler that will get it. */
async function contractOf({ id, actor, type }: WholeLetter): Promise<Contract> {
  const workers = await loadWorkers(await workerNames());
  const definition = workers.flatMap(({ actors }) => actors).find((one) => one.definition.name === actor)?.definition;
  const contract = definition?.handlers.get(type ?? '')?.contract;
  if (contract !== undefined) return contract;
  throw new LetterRefused(
    'dead-letter.unknown-type',
    `${actor} takes no ${type ?? 'message without a type'} in this release, so letter ${id} cannot be checked; run this from the release that does`,
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CommandLineFaults([`${file} is no JSON`]);
  }
}
