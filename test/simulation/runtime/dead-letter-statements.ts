/** The statements of dead letters: `shared/postgres/dead-letters.ts`, `waiting.ts`. */
import { UNADDRESSED } from '../../../shared/postgres/dead-letters.js';
import type { Statement } from './statement.js';
import type { Row, Tables } from './tables.js';

const STANDING = new Set(['open', 'held', 'redriving']);

export const isStanding = (letter: Row): boolean => STANDING.has(String(letter['status']));
const isInLine = (letter: Row): boolean => isStanding(letter) && !String(letter['message_id']).startsWith(UNADDRESSED);

export const deadLetterStatements: Readonly<Record<string, Statement>> = {
  // Its transactions lock nothing.
  'dead-letters-lock': () => [],
  'dead-letter-file': ({ tables }, ...values) => {
    const letter = letterOf(values);
    const standing = standingLike(tables, letter);
    if (standing === undefined) tables.put('dead_letters', String(letter['id']), letter);
    else tables.update('dead_letters', String(standing['id']), { ...letter, id: standing['id'], status: 'open' });
    return [letter];
  },
  'dead-letter-hold': ({ tables }, ...values) => {
    const letter = letterOf(values);
    if (standingLike(tables, letter) !== undefined) return [];
    tables.put('dead_letters', String(letter['id']), letter);
    return [letter];
  },
  'dead-letters-any': ({ tables }, actor: string) =>
    tables
      .all('dead_letters')
      .filter((letter) => letter['actor'] === actor && isStanding(letter))
      .slice(0, 1),
  'dead-letters-ahead': ({ tables }, actor: string, ids: string[], correlationIds: string[]) =>
    ids
      .filter((id, index) => {
        const head = tables
          .all('dead_letters')
          .filter((one) => one['actor'] === actor && one['correlation_id'] === correlationIds[index] && isInLine(one))
          .sort((one, other) => (String(one['id']) < String(other['id']) ? -1 : 1))[0];
        return head !== undefined && (head['status'] !== 'redriving' || head['message_id'] !== id);
      })
      .map((id) => ({ id })),
};

/** In the order of the columns of the insert. */
function letterOf(values: readonly unknown[]): Row {
  const [id, status, actor, message_id, type, correlation_id, body, headers, road, error_code, error_message] = values;
  return { id, status, actor, message_id, type, correlation_id, body, headers, road, error_code, error_message };
}

const standingLike = (tables: Tables, { actor, message_id }: Row): Row | undefined =>
  tables
    .all('dead_letters')
    .find((one) => one['actor'] === actor && one['message_id'] === message_id && isStanding(one));
