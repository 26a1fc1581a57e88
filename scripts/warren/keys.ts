/** `warren keys`: what storefronts are known by. A key is shown once, when it is made. */
import type { Command } from 'commander';
import type { KeyMade } from '../../api/operators/storefronts/key-routes.js';
import type { KeyView } from '../../api/operators/storefronts/key-view.js';
import { prefixOf, SCOPES } from '../../api/storefronts/key.js';
import { tableLines } from '../table.js';
import { addCommand, count, firstOf, type Running } from './command.js';
import type { Json } from './json.js';
import { ago, namedLines, when } from './lines.js';

interface ListOptions {
  readonly storefront?: string;
  readonly limit: number;
}

interface CreateOptions {
  readonly scopes: readonly string[];
  readonly name?: string;
  readonly reason: string;
}

export function keyCommands(parent: Command, running: Running): void {
  const keys = parent.command('keys').description('what storefronts are known by; makes and revokes keys');
  addCommand<ListOptions>(
    keys,
    running,
    'list',
    'keys in the order they were made, revoked ones too',
    async ({ api, options: { storefront, limit } }) => {
      const items = await api.list<Json<KeyView>>('/keys', { storefront }, limit);
      return { json: items, lines: items.length === 0 ? ['there is no key'] : keyLines(items, new Date()) };
    },
  )
    .option('--storefront <id>', 'keys of this one')
    .option('--limit <n>', 'so many at most', count, 100);
  addCommand<CreateOptions>(
    keys,
    running,
    'create <storefront>',
    'makes a key and shows it, this once; a storefront has two at most, so that one can be changed without a gap',
    async ({ api, args, options: { scopes, name, reason } }) => {
      const path = `/storefronts/${encodeURIComponent(firstOf(args))}/keys`;
      const made = await api.post<Json<KeyMade>>(path, { scopes, name, reason });
      const { storefront, id, key } = made;
      return {
        json: made,
        lines: [
          ...namedLines({ storefront, scopes: made.scopes.join(', '), id, key }),
          '',
          'The key is shown this once; only its hash is stored.',
        ],
      };
    },
  )
    .option('--scopes <list>', `some of ${SCOPES.join(',')}; by default all`, listed, [...SCOPES])
    .option('--name <text>', 'what the key is for')
    .requiredOption('--reason <text>', 'why');
  addCommand<{ readonly reason: string }>(
    keys,
    running,
    'revoke <key>',
    'lets a key in no more, by its id or by what stands before its secret',
    async ({ api, args, options: { reason } }) => {
      // Somebody who has found a key may hand in the whole: the secret does not leave this machine.
      const named = prefixOf(firstOf(args)) ?? firstOf(args);
      const revoked = await api.post<Json<KeyView>>(`/keys/${encodeURIComponent(named)}/revoke`, { reason });
      const { storefront, prefix, id } = revoked;
      return {
        json: revoked,
        lines: [
          `the key ${prefix ?? id} of ${storefront} is revoked: every process of web follows within three seconds`,
        ],
      };
    },
  ).requiredOption('--reason <text>', 'why');
}

const listed = (value: string): string[] => value.split(',').map((scope) => scope.trim());

function keyLines(keys: readonly Json<KeyView>[], now: Date): string[] {
  const rows = keys.map(({ id, prefix, storefront, name, scopes, createdAt, usedAt, revokedAt }) => [
    prefix ?? id,
    storefront,
    name ?? '',
    scopes.join(','),
    when(createdAt),
    usedAt === null ? 'never' : `${ago(usedAt, now)} ago`,
    revokedAt === null ? '' : when(revokedAt),
  ]);
  return tableLines([['KEY', 'STOREFRONT', 'NAME', 'SCOPES', 'MADE', 'USED', 'REVOKED'], ...rows]);
}
