/** Lists page by page, by the id of the last item that was seen. */
import { validate } from 'uuid';
import Type from '../shared/messaging/typebox.js';
import { Limit } from './one-line-text.js';
import { Problem } from './problem.js';

const PAGE = 100;

/** Query parameters of every list. */
export const pageQuery = {
  limit: Type.Optional(Limit),
  cursor: Type.Optional(Type.String({ maxLength: 512 })),
};

export interface PageWanted {
  /** Items of a page. */
  readonly limit: number;
  /** The last id of the page before; undefined for the first. */
  readonly after: string | undefined;
}

/** @throws {Problem} `request.invalid` for what is no cursor of ours */
export function pageOf({
  limit,
  cursor,
}: {
  readonly limit?: string | undefined;
  readonly cursor?: string | undefined;
}): PageWanted {
  return { limit: limit === undefined ? PAGE : Number(limit), after: cursor === undefined ? undefined : idAt(cursor) };
}

export const cursorAt = (id: string): string => Buffer.from(id).toString('base64url');

/** An answer's page, of one row more than it has room for, which tells whether there is another. */
export function pageFrom<T extends { readonly id: string }>(
  rows: readonly T[],
  limit: number,
): { items: T[]; nextCursor?: string } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, nextCursor: cursorAt(last.id) } : { items };
}

function idAt(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (cursorAt(id) === cursor && validate(id)) return id;
  const fault = { parameter: 'cursor', detail: 'is not the nextCursor of an earlier answer' };
  throw new Problem('request.invalid', 'See "errors" for what to change.', { faults: [fault] });
}
