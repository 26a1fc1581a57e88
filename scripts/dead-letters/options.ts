/** What `npm run dead-letters` is told. */
import { oneOf, type Parsed, type Variable, wholeNumber, words } from '../../config/variable.js';
import { type LetterFilter, narrows } from '../../shared/postgres/dead-letter-filter.js';
import { LETTER_STATUSES } from '../../shared/postgres/dead-letter-list.js';
import { CommandLineFaults, flag } from '../command-line.js';

const perhaps = (name: string, meaning: string): Variable<string> => words({ names: [name], fallback: '', meaning });

export const options = {
  actor: perhaps('--actor', 'letters of this actor'),
  type: perhaps('--type', 'letters of this type of message'),
  code: perhaps('--code', 'letters with this error code'),
  fingerprint: perhaps('--fingerprint', 'letters of one actor, type and error code'),
  order: perhaps('--order', 'letters of this order'),
  id: perhaps('--id', 'these letters, separated by commas; the same as naming them'),
  all: flag('--all', 'redrive or discard all that are open'),
  status: oneOf(
    {
      names: ['--status'],
      fallback: 'standing',
      meaning: 'list those of this status; standing is open, held, redriving',
    },
    ['standing', ...LETTER_STATUSES],
  ),
  limit: wholeNumber({ names: ['--limit'], fallback: '100', meaning: 'list so many at most' }, 1, 100_000),
  body: perhaps('--body', 'file with the edited payload as JSON'),
  by: perhaps('--by', 'who changes something'),
  reason: perhaps('--reason', 'why'),
  rate: wholeNumber({ names: ['--rate'], fallback: '50', meaning: 'redrive so many a second at most' }, 1, 10_000),
  json: flag('--json', 'print JSON instead of tables'),
  help: flag('--help', 'this text'),
};

export type Options = Parsed<typeof options>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The letters that are meant. @throws {CommandLineFaults} when an id is none */
export function filterOf(given: Options, named: readonly string[]): LetterFilter {
  const ids = [...named, ...given.id.split(',')].filter((id) => id !== '');
  for (const id of ids)
    if (!UUID.test(id)) throw new CommandLineFaults([`${id} is no id of a letter; list them to find it`]);
  const { actor, type, code, fingerprint, order } = given;
  const filter = { actor, type, code, fingerprint, order };
  const narrowed = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
  return ids.length === 0 ? narrowed : { ...narrowed, ids };
}

/** As `filterOf`, for changes: all letters are meant only where that is said. @throws {CommandLineFaults} */
export function changedBy(given: Options, named: readonly string[]): LetterFilter {
  const filter = filterOf(given, named);
  if (narrows(filter) === given.all)
    throw new CommandLineFaults([
      'name letters, or say which by --actor, --type, --code, --fingerprint or --order, or say --all',
    ]);
  return filter;
}

/** The one letter or job that is meant. @throws {CommandLineFaults} */
export function onlyId(given: Options, named: readonly string[]): string {
  const { ids = [] } = filterOf(given, named);
  const [id] = ids;
  if (id === undefined || ids.length > 1) throw new CommandLineFaults(['name one']);
  return id;
}

/** Who changes something, and why. @throws {CommandLineFaults} */
export function authorOf({ by, reason }: Options): { readonly by: string; readonly reason: string } {
  const faults = [by === '' ? '--by says who changes it' : '', reason === '' ? '--reason says why' : ''];
  const missing = faults.filter((fault) => fault !== '');
  if (missing.length > 0) throw new CommandLineFaults(missing);
  return { by, reason };
}
