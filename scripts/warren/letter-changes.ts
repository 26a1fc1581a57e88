/** `warren dead-letters redrive | edit | discard | cancel`: changes dead letters, each with its reason. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { reasonOf } from '../../shared/observability/reason.js';
import type { RedriveJob } from '../../shared/postgres/redrive-jobs.js';
import type { OperatorApi } from './api.js';
import { type Answer, addCommand, count, firstOf, type Running } from './command.js';
import { followed } from './followed.js';
import type { Json } from './json.js';
import { type LetterOptions, meant, narrowing } from './letters-meant.js';

type Job = Json<RedriveJob>;

interface ChangeOptions extends LetterOptions {
  readonly all?: true;
  readonly reason: string;
}
interface RedriveOptions extends ChangeOptions {
  readonly rate: number;
  readonly follow?: true;
}

export function letterChanges(letters: Command, running: Running): void {
  many(
    addCommand<RedriveOptions>(
      letters,
      running,
      'redrive [letters...]',
      'sends open letters to their actor again; one at once, several as a job',
      redrive,
    ),
  )
    .option('--rate <n>', 'so many a second at most', count, 50)
    .option('--follow', 'waits for the end of the job and says how far it is');
  many(
    addCommand<ChangeOptions>(
      letters,
      running,
      'discard [letters...]',
      'gives open letters up; those that are held or under way only by name',
      async ({ api, args, options }) => {
        const which = meant(args, options);
        const { reason } = options;
        const { discarded } =
          'one' in which
            ? await api.post<Discarded>(`/dead-letters/${encodeURIComponent(which.one)}/discard`, { reason })
            : await api.post<Discarded>('/dead-letters/discard', { ...which.many, reason });
        return { json: { discarded }, lines: [`discarded ${discarded}`] };
      },
    ),
  );
  addCommand<{ readonly body: string; readonly reason: string }>(
    letters,
    running,
    'edit <letter>',
    'puts another payload in its place and redrives that',
    async ({ api, args, options: { body, reason } }) => {
      const id = firstOf(args);
      const edited = await api.post<{ readonly letter: string; readonly messageId: string }>(
        `/dead-letters/${encodeURIComponent(id)}/edit`,
        { reason, payload: await payloadIn(body) },
      );
      return {
        json: edited,
        lines: [`the letter ${edited.letter} takes the place of ${id} and is redriven, as message ${edited.messageId}`],
      };
    },
  )
    .requiredOption('--body <file>', 'with the payload as JSON')
    .requiredOption('--reason <text>', 'why');
  addCommand<{ readonly reason: string }>(
    letters,
    running,
    'cancel <job>',
    'ends a job; what it has not sent stays open',
    async ({ api, args, options: { reason } }) => {
      const id = firstOf(args);
      return {
        json: await api.post(`/redrive-jobs/${encodeURIComponent(id)}/cancel`, { reason }),
        lines: [`cancelled job ${id}`],
      };
    },
  ).requiredOption('--reason <text>', 'why');
}

interface Discarded {
  readonly discarded: number;
}

const many = (command: Command): Command =>
  narrowing(command).option('--all', 'all that are open').requiredOption('--reason <text>', 'why');

async function redrive({
  api,
  args,
  options,
}: {
  readonly api: OperatorApi;
  readonly args: readonly string[];
  readonly options: RedriveOptions;
}): Promise<Answer> {
  const which = meant(args, options);
  const { reason, rate: perSecond } = options;
  if ('one' in which) {
    const path = `/dead-letters/${encodeURIComponent(which.one)}/redrive`;
    const redriven = await api.post<{ readonly behind: string | null }>(path, { reason });
    const then =
      redriven.behind === null
        ? 'is redriven'
        : `is redriven when ${redriven.behind} is settled, which is ahead of it in its order`;
    return { json: redriven, lines: [`the letter ${which.one} ${then}`] };
  }
  const job = await api.post<Job>('/dead-letters/redrive', { ...which.many, reason, perSecond });
  if (options.follow !== true) {
    const follow = 'follow it: warren dead-letters jobs';
    return { json: job, lines: [`job ${job.id} redrives ${job.total} letters; ${follow}`] };
  }
  const ended = await followed(
    () => api.get<Job>(`/redrive-jobs/${job.id}`),
    ({ status }) => status !== 'running',
    ({ done, total, failed }) => `${done} of ${total} handled, ${failed} failed again`,
  );
  return {
    json: ended,
    lines: [
      `job ${ended.id} is ${ended.status}: ${ended.done} of ${ended.total} handled, ${ended.failed} failed again`,
    ],
    well: ended.status === 'finished' && ended.failed === 0,
  };
}

/** npm runs commands in the project's folder, and says in INIT_CWD where it was called from. */
async function payloadIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(resolve(process.env['INIT_CWD'] ?? '.', file), 'utf8'));
  } catch (error) {
    throw new InvalidArgumentError(`--body ${file} is no JSON that can be read: ${reasonOf(error)}`);
  }
}
