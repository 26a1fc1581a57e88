/** A replay from its rehearsal to its end, as a command waits for it. */
import type { Command } from 'commander';
import type { OperatorApi } from './api.js';
import { type Answer, count } from './command.js';
import { followed } from './followed.js';
import { progressLine, type Replay, rehearsalLines, shownLines } from './replay-lines.js';

export interface ReplayOptions {
  readonly to: string;
  readonly rate: number;
  readonly effects?: true;
  readonly start?: true;
  readonly follow?: true;
  readonly reason: string;
}

/** Adds what every replay takes. */
export function replayOptions(command: Command): Command {
  return command
    .requiredOption('--to <actor>', 'the actor that gets them; no other does')
    .requiredOption('--reason <text>', 'why')
    .option('--rate <n>', 'so many a second at most', count, 50)
    .option('--effects', 'also what the actor acts on outside: payments, parcels, mails')
    .option('--start', 'starts it after its rehearsal')
    .option('--follow', 'waits for the end of it and says how far it is');
}

/** Waits for the rehearsal, and starts what it has found if that is wanted. */
export async function rehearsedReplay(api: OperatorApi, made: Replay, options: ReplayOptions): Promise<Answer> {
  const rehearsed = await atEnd(api, made, ['rehearsing']);
  const { id, status, rehearsal } = rehearsed;
  const found = [...rehearsalLines(rehearsed.to, rehearsal), ...shownLines(rehearsal), ''];
  const toSend = rehearsal?.toSend ?? 0;
  if (status !== 'rehearsed') return { json: rehearsed, lines: [`${id} is ${status}`], well: false };
  if (toSend === 0)
    return { json: rehearsed, lines: [...found, `${id} is rehearsed: there is nothing to send`], well: false };
  if (options.start !== true) {
    const start = `warren replays start ${id} --reason "…"`;
    return { json: rehearsed, lines: [...found, `nothing is sent yet; start it: ${start}`] };
  }
  const started = await api.post<Replay>(`/replays/${id}/start`, { reason: options.reason });
  if (options.follow === true) {
    const answer = await followReplay(api, started);
    return { ...answer, lines: [...found, ...answer.lines] };
  }
  return { json: started, lines: [...found, `${id} is started; follow it: warren replays show ${id}`] };
}

/** Waits until the replay does not go on by itself. Not well unless all of it was sent and handled. */
export async function followReplay(api: OperatorApi, started: Replay): Promise<Answer> {
  const ended = await atEnd(api, started, ['running']);
  const { id, status, refused, failed } = ended;
  return {
    json: ended,
    lines: [`${id} ${progressLine(ended)}`],
    well: status === 'finished' && refused === 0 && failed === 0,
  };
}

function atEnd(api: OperatorApi, { id }: Replay, goingOn: readonly Replay['status'][]): Promise<Replay> {
  return followed(
    () => api.get<Replay>(`/replays/${id}`),
    ({ status }) => !goingOn.includes(status),
    progressLine,
  );
}
