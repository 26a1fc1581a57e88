/** `warren events`: takes messages of the event log out into a file, and a file's messages to an actor. */
import type { Command } from 'commander';
import type { EventLine } from '../../api/operators/events/event-line.js';
import { addCommand, firstOf, type Running } from './command.js';
import { importFile } from './import-file.js';
import { type ReplayOptions, rehearsedReplay, replayOptions } from './replay.js';

interface ExportOptions {
  readonly from?: string;
  readonly until?: string;
  readonly type?: string;
  readonly order?: string;
}

export function eventCommands(parent: Command, running: Running): void {
  const events = parent.command('events').description('messages of the event log as newline-delimited JSON');
  addCommand<ExportOptions>(
    events,
    running,
    'export',
    'writes messages to standard output, the oldest first, a line each',
    async ({ api, options: { from, until, type: types, order } }) => {
      let written = 0;
      for await (const page of api.pages<EventLine>('/events', { from, until, types, order })) {
        await write(page.map((line) => `${JSON.stringify(line)}\n`).join(''));
        written += page.length;
      }
      process.stderr.write(`${written} messages\n`);
      return { json: undefined, lines: [] };
    },
  )
    .option('--from <time>', 'messages from then on: a day, or a moment such as 2026-11-01T08:30:00Z')
    .option('--until <time>', 'messages before then')
    .option('--type <pattern>', "messages of this type; a star stands for anything: 'orders.*'")
    .option('--order <id>', 'messages of this order');
  replayOptions(
    addCommand<ReplayOptions>(
      events,
      running,
      'import <file>',
      "replays a file's messages to one actor: all are checked, rehearsed, and sent with --start; - is standard input",
      async ({ api, args, options }) => {
        const { to, effects, rate: perSecond, reason } = options;
        return rehearsedReplay(api, await importFile(api, firstOf(args), { to, effects, perSecond, reason }), options);
      },
    ),
  );
}

/** Resolves when there is room for more. */
const write = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
