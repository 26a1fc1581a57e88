/** `warren replay` and `warren replays`: sends messages of the event log to one actor once more, after a rehearsal. */
import type { Command } from 'commander';
import { addCommand, count, firstOf, type Running } from './command.js';
import { followReplay, type ReplayOptions, rehearsedReplay, replayOptions } from './replay.js';
import { progressLine, type Replay, replayLines, wholeReplayLines } from './replay-lines.js';

interface ChangeOptions {
  readonly reason: string;
  readonly follow?: true;
}

export function replayCommands(parent: Command, running: Running): void {
  replayOptions(
    addCommand<
      ReplayOptions & {
        readonly from?: string;
        readonly until?: string;
        readonly type?: string;
        readonly order?: string;
      }
    >(
      parent,
      running,
      'replay',
      'rehearses sending messages of the event log to one actor once more, and does it with --start',
      async ({ api, options }) => {
        const { to, from, until, type: types, order, effects, rate: perSecond, reason } = options;
        const asked = { to, from, until, types, order, effects, perSecond, reason };
        return rehearsedReplay(api, await api.post<Replay>('/replays', asked), options);
      },
    ),
  )
    .option('--from <time>', 'messages from then on: a day, or a moment such as 2026-11-01T08:30:00Z')
    .option('--until <time>', 'messages before then (default: now)')
    .option('--type <pattern>', "messages of this type; a star stands for anything: 'orders.*'")
    .option('--order <id>', 'messages of this order');
  const replays = parent.command('replays').description('replays: how far they are; start, pause, resume, cancel');
  addCommand<{ readonly limit: number }>(
    replays,
    running,
    'list',
    'the newest first',
    async ({ api, options: { limit } }) => {
      const found = await api.list<Replay>('/replays', {}, limit);
      return { json: found, lines: found.length === 0 ? ['there is no replay'] : replayLines(found) };
    },
  ).option('--limit <n>', 'so many at most', count, 20);
  addCommand(replays, running, 'show <replay>', 'one with what its rehearsal has found', async ({ api, args }) => {
    const replay = await api.get<Replay>(`/replays/${encodeURIComponent(firstOf(args))}`);
    return { json: replay, lines: wholeReplayLines(replay) };
  });
  const change = (action: string, description: string): Command =>
    addCommand<ChangeOptions>(replays, running, `${action} <replay>`, description, async ({ api, args, options }) => {
      const path = `/replays/${encodeURIComponent(firstOf(args))}/${action}`;
      const replay = await api.post<Replay>(path, { reason: options.reason });
      if (options.follow === true) return followReplay(api, replay);
      return { json: replay, lines: [`${replay.id} ${progressLine(replay)}`] };
    }).requiredOption('--reason <text>', 'why');
  const follow = ['--follow', 'waits for its end and says how far it is'] as const;
  change('start', 'sends what was rehearsed').option(...follow);
  change('pause', 'sends nothing more until it is resumed');
  change('resume', 'goes on where it was paused').option(...follow);
  change('cancel', 'ends it; what is sent is sent');
}
