/** `warren dead-letters`: looks at dead letters. */
import { type Command, Option } from 'commander';
import {
  type FiledLetter,
  LETTER_STATUSES,
  type LetterGroup,
  type WholeLetter,
} from '../../shared/postgres/dead-letter-list.js';
import type { RedriveJob } from '../../shared/postgres/redrive-jobs.js';
import { addCommand, count, firstOf, type Running } from './command.js';
import type { Json } from './json.js';
import { letterChanges } from './letter-changes.js';
import { groupLines, jobLines, letterLines, wholeLetterLines } from './letter-lines.js';
import { filterOf, type LetterOptions, narrowing } from './letters-meant.js';

interface ListOptions extends LetterOptions {
  readonly status?: string;
  readonly limit: number;
}

export function deadLetterCommands(parent: Command, running: Running): void {
  const letters = parent
    .command('dead-letters')
    .description('looks at dead letters, redrives, edits and discards them');
  narrowing(
    addCommand<ListOptions>(letters, running, 'list', 'letters that stand', async ({ api, options }) => {
      const query = { ...filterOf(options), status: options.status };
      const found = await api.list<Json<FiledLetter>>('/dead-letters', query, options.limit);
      return { json: found, lines: found.length === 0 ? ['no letter fits'] : letterLines(found) };
    }),
  )
    .addOption(new Option('--status <status>', 'those of this status').choices([...LETTER_STATUSES]))
    .option('--limit <n>', 'so many at most', count, 100);
  narrowing(
    addCommand<LetterOptions>(
      letters,
      running,
      'groups',
      'open letters by actor, type and error code',
      async ({ api, options }) => {
        const { items } = await api.get<{ items: readonly Json<LetterGroup>[] }>(
          '/dead-letters/groups',
          filterOf(options),
        );
        return { json: items, lines: items.length === 0 ? ['no letter is open'] : groupLines(items) };
      },
    ),
  );
  addCommand(letters, running, 'show <letter>', 'one with its error, body and headers', async ({ api, args }) => {
    const letter = await api.get<Json<WholeLetter>>(`/dead-letters/${encodeURIComponent(firstOf(args))}`);
    return { json: letter, lines: wholeLetterLines(letter) };
  });
  addCommand<{ readonly limit: number }>(
    letters,
    running,
    'jobs',
    'redrives of several letters and how far they are',
    async ({ api, options: { limit } }) => {
      const jobs = await api.list<Json<RedriveJob>>('/redrive-jobs', {}, limit);
      return { json: jobs, lines: jobs.length === 0 ? ['there is no job'] : jobLines(jobs) };
    },
  ).option('--limit <n>', 'so many at most', count, 20);
  letterChanges(letters, running);
}
