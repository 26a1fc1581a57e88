/** `warren storefronts`: who may place orders. */
import type { Command } from 'commander';
import type { StorefrontView } from '../../api/operators/storefronts/storefront-view.js';
import { tableLines } from '../table.js';
import { addCommand, count, firstOf, type Given, type Running } from './command.js';
import type { Json } from './json.js';
import { namedLines, when } from './lines.js';

interface Reasoned {
  readonly reason: string;
}

const WITHIN = 'every process of web follows within three seconds';

export function storefrontCommands(parent: Command, running: Running): void {
  const storefronts = parent.command('storefronts').description('who may place orders; makes, renames, disables them');
  addCommand<{ readonly limit: number }>(
    storefronts,
    running,
    'list',
    'storefronts in the order they were made',
    async ({ api, options: { limit } }) => {
      const items = await api.list<Json<StorefrontView>>('/storefronts', {}, limit);
      return { json: items, lines: items.length === 0 ? ['there is no storefront'] : storefrontLines(items) };
    },
  ).option('--limit <n>', 'so many at most', count, 100);
  addCommand<Reasoned>(
    storefronts,
    running,
    'create <name>',
    'makes a storefront, which has no key yet',
    async ({ api, args, options: { reason } }) => {
      const made = await api.post<Json<StorefrontView>>('/storefronts', { name: firstOf(args), reason });
      const { id, name } = made;
      return {
        json: made,
        lines: [...namedLines({ storefront: name, id }), `Make a key for it: warren keys create ${id} --reason "WHY"`],
      };
    },
  ).requiredOption('--reason <text>', 'why');
  addCommand<Reasoned>(
    storefronts,
    running,
    'rename <storefront> <name>',
    'gives a storefront another name',
    async (given) => {
      const { args } = given;
      const changed = await post(given, 'rename', { name: args[1] });
      return { json: changed, lines: [`${changed.id} is called ${changed.name}`] };
    },
  ).requiredOption('--reason <text>', 'why');
  addCommand<Reasoned>(
    storefronts,
    running,
    'disable <storefront>',
    'lets no key of a storefront in any more; its orders go on',
    async (given) => {
      const changed = await post(given, 'disable');
      return { json: changed, lines: [`${changed.name} is disabled: ${WITHIN}`] };
    },
  ).requiredOption('--reason <text>', 'why');
  addCommand<Reasoned>(
    storefronts,
    running,
    'enable <storefront>',
    'lets the keys of a disabled storefront in again',
    async (given) => {
      const changed = await post(given, 'enable');
      return { json: changed, lines: [`${changed.name} is enabled: ${WITHIN}`] };
    },
  ).requiredOption('--reason <text>', 'why');
}

function post(
  { api, args, options: { reason } }: Given<Reasoned>,
  action: string,
  body: object = {},
): Promise<Json<StorefrontView>> {
  return api.post(`/storefronts/${encodeURIComponent(firstOf(args))}/${action}`, { ...body, reason });
}

function storefrontLines(storefronts: readonly Json<StorefrontView>[]): string[] {
  const rows = storefronts.map(({ id, name, keys, createdAt, disabledAt }) => [
    id,
    name,
    String(keys),
    when(createdAt),
    disabledAt === null ? '' : when(disabledAt),
  ]);
  return tableLines([['ID', 'NAME', 'KEYS', 'MADE', 'DISABLED'], ...rows]);
}
