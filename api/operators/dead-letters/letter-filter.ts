/** Which dead letters a request means, as a query and as a body. */
import Type, { type Static } from '../../../shared/messaging/typebox.js';
import { type LetterFilter, narrows } from '../../../shared/postgres/dead-letter-filter.js';
import { oneLine, Uuid } from '../../one-line-text.js';
import { Problem } from '../../problem.js';

export const LetterId = Type.Object({ id: Uuid });

/** All that is given has to fit. */
export const filterQuery = {
  actor: Type.Optional(oneLine(64)),
  type: Type.Optional(oneLine(128)),
  code: Type.Optional(oneLine(128)),
  fingerprint: Type.Optional(oneLine(128)),
  order: Type.Optional(oneLine(64)),
};

/** Letters named at once. */
const IDS_AT_MOST = 1000;

export const ManyLetters = Type.Object(
  {
    ...filterQuery,
    ids: Type.Optional(Type.Array(Uuid, { minItems: 1, maxItems: IDS_AT_MOST })),
  },
  { additionalProperties: false },
);

/**
 * The letters that a change means.
 * @param all said where every letter is meant, so that a forgotten filter changes nothing
 * @throws {Problem} `request.invalid`
 */
export function meant(filter: Static<typeof ManyLetters>, all: boolean): LetterFilter {
  if (narrows(filter) !== all) return filter;
  const detail = all ? 'is not true together with a filter' : 'says which letters, or "all" is true';
  throw new Problem('request.invalid', 'See "errors" for what to change.', {
    faults: [{ pointer: all ? '/all' : '/filter', detail }],
  });
}
