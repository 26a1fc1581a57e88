/** `warren queues`: what waits for each actor, and what every process of it keeps to. */
import { type Command, Option } from 'commander';
import type { QueueChanged } from '../../api/operators/queues/queue-routes.js';
import type { QueueView } from '../../api/operators/queues/queue-view.js';
import { tableLines } from '../table.js';
import { addCommand, count, firstOf, type Given, type Running } from './command.js';
import type { Json } from './json.js';
import { ago, duration, short, when } from './lines.js';

interface Reasoned {
  readonly reason: string;
}

const WITHIN = 'every process follows within a few seconds, and those that start later';

export function queueCommands(parent: Command, running: Running): void {
  const queues = parent
    .command('queues')
    .description('what waits for each actor; pauses and resumes it, sets its prefetch');
  addCommand(queues, running, 'list', 'what waits for each actor, who consumes, and what is set', async ({ api }) => {
    const { items } = await api.get<{ items: readonly Json<QueueView>[] }>('/queues');
    return { json: items, lines: queueLines(items, new Date()) };
  });
  addCommand<Reasoned>(
    queues,
    running,
    'pause <actor>',
    'stops every process of an actor from consuming, until it is resumed; its messages wait in the queue',
    async (given) => {
      const changed = await post(given, 'pause');
      return { json: changed, lines: [`${changed.actor} is paused: ${WITHIN}. ${resume(changed.actor)}`] };
    },
  ).requiredOption('--reason <text>', 'why');
  addCommand<Reasoned>(queues, running, 'resume <actor>', 'lets a paused actor consume again', async (given) => {
    const changed = await post(given, 'resume');
    return { json: changed, lines: [`${changed.actor} is resumed: ${WITHIN}`] };
  }).requiredOption('--reason <text>', 'why');
  addCommand<Reasoned & { readonly default?: true }>(
    queues,
    running,
    'prefetch <actor> [n]',
    'sets how many unacked deliveries each process of an actor holds at most',
    async (given) => {
      const changed = await post(given, 'prefetch', { prefetch: wanted(given) });
      const says = changed.prefetch === null ? 'as each of its processes has it' : String(changed.prefetch);
      return { json: changed, lines: [`the prefetch of ${changed.actor} is ${says}: ${WITHIN}`] };
    },
  )
    .addOption(new Option('--default', 'as its code or environment has it'))
    .requiredOption('--reason <text>', 'why');
}

function post<O extends Reasoned>(
  { api, args, options: { reason } }: Given<O>,
  action: string,
  body: object = {},
): Promise<Json<QueueChanged>> {
  return api.post<Json<QueueChanged>>(`/queues/${encodeURIComponent(firstOf(args))}/${action}`, { ...body, reason });
}

/** @throws {InvalidArgumentError} unless it is one of the two */
function wanted({ args: [, n], options }: Given<{ readonly default?: true }>): number | null {
  if (options.default === true && n === undefined) return null;
  return count(options.default === true ? 'both' : (n ?? 'none'));
}

const resume = (actor: string): string => `Go on with: warren queues resume ${actor} --reason "WHAT WAS MENDED"`;

function queueLines(queues: readonly Json<QueueView>[], now: Date): string[] {
  const rows = queues.map(({ actor, ready, consumers, oldestWaitingMs, prefetch, paused }) => [
    actor,
    ready === null ? '?' : String(ready),
    consumers === null ? '?' : String(consumers),
    oldestWaitingMs === null ? '' : duration(oldestWaitingMs),
    prefetch.set === null ? `${prefetch.declared} (declared)` : `${prefetch.set} (set)`,
    paused === null
      ? ''
      : `by ${paused.by} at ${when(paused.since)}, ${ago(paused.since, now)} ago: ${short(paused.reason)}`,
  ]);
  return tableLines([['ACTOR', 'READY', 'CONSUMERS', 'OLDEST', 'PREFETCH', 'PAUSED'], ...rows]);
}
