/** `GET /operator/dead-letters`, `…/groups` and `…/{id}`: dead letters as somebody looks at them. */
import Type from '../../../shared/messaging/typebox.js';
import { LetterRefused } from '../../../shared/postgres/dead-letter-changes.js';
import { findLetter, groupLetters, LETTER_STATUSES, listLetters } from '../../../shared/postgres/dead-letter-list.js';
import { pageFrom, pageOf, pageQuery } from '../../page.js';
import type { App } from '../../type-provider.js';
import type { Operating } from '../operating.js';
import { filterQuery, LetterId } from './letter-filter.js';

const strict = { additionalProperties: false } as const;
const ListQuery = Type.Object(
  { ...pageQuery, ...filterQuery, status: Type.Optional(Type.Enum([...LETTER_STATUSES])) },
  strict,
);

export function readLetterRoutes(app: App, { database }: Operating): void {
  app.get('/operator/dead-letters', { schema: { querystring: ListQuery } }, async ({ query }) => {
    const { limit, after } = pageOf(query);
    const letters = await listLetters(database, query, { status: query.status, limit: limit + 1, after });
    return pageFrom(letters, limit);
  });
  app.get(
    '/operator/dead-letters/groups',
    { schema: { querystring: Type.Object(filterQuery, strict) } },
    async ({ query }) => ({ items: await groupLetters(database, query) }),
  );
  app.get('/operator/dead-letters/:id', { schema: { params: LetterId } }, async ({ params: { id } }) => {
    const letter = await findLetter(database, id);
    if (letter === undefined) throw letterNotFound(id);
    return letter;
  });
}

export const letterNotFound = (id: string): LetterRefused =>
  new LetterRefused('dead-letter.not-found', `there is no letter ${id}; list them to find it`);
