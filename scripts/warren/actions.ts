/** `warren actions`: who changed what, when and why. */
import type { Command } from 'commander';
import type { RecordedAction } from '../../api/operators/actions.js';
import { tableLines } from '../table.js';
import { addCommand, count, type Running } from './command.js';
import type { Json } from './json.js';
import { short, when } from './lines.js';

interface ListOptions {
  readonly thing?: string;
  readonly id?: string;
  readonly limit: number;
}

export function actionsCommand(parent: Command, running: Running): void {
  addCommand<ListOptions>(
    parent,
    running,
    'actions',
    'what operators changed, the newest first',
    async ({ api, options: { thing, id, limit } }) => {
      const actions = await api.list<Json<RecordedAction>>('/actions', { thing, thingId: id }, limit);
      return { json: actions, lines: actions.length === 0 ? ['nothing was changed'] : actionLines(actions) };
    },
  )
    .option(
      '--thing <kind>',
      'changes of order, dead-letter, dead-letters, redrive-job, replay, queue, topology, storefront or api-key',
    )
    .option('--id <id>', 'changes of this one')
    .option('--limit <n>', 'so many at most', count, 20);
}

function actionLines(actions: readonly Json<RecordedAction>[]): string[] {
  const rows = actions.map(({ at, by, action, thing, thingId, reason }) => [
    when(at),
    by,
    action,
    thing,
    thingId ?? '',
    short(reason ?? ''),
  ]);
  return tableLines([['AT', 'BY', 'ACTION', 'THING', 'ID', 'REASON'], ...rows]);
}
