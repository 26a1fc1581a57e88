/** What a change of a schema breaks for those who were promised the one before. Pure. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from './components.js';

/**
 * `sent` by callers: what was taken is taken still. `answered`, and messages: what was told is told still, and nothing that a
 * reader could not have met, but for fields that are new.
 */
export type Direction = 'sent' | 'answered';

const NOTES = new Set(['title', 'description', 'examples', 'default', '$comment']);
const SHAPE = new Set(['properties', 'required', 'items', 'anyOf', 'allOf']);

/** A line for each; none when nobody has to know. */
export function breaksOf(before: Json, after: Json, direction: Direction, at = ''): string[] {
  const own = (schema: Json): Json =>
    Object.fromEntries(Object.entries(schema).filter(([name]) => !NOTES.has(name) && !SHAPE.has(name)));
  const changed = isDeepStrictEqual(own(before), own(after)) ? [] : widened(before, after, direction, at);
  return [...changed, ...fieldBreaks(before, after, direction, at), ...partBreaks(before, after, direction, at)];
}

/** The one change of a keyword that breaks nobody: callers may send more values than before. */
function widened(before: Json, after: Json, direction: Direction, at: string): string[] {
  const { enum: old, ...rest } = before;
  const { enum: now, ...others } = after;
  const more = Array.isArray(old) && Array.isArray(now) && old.every((value) => now.includes(value));
  if (direction === 'sent' && more && breaksOf(rest, others, direction, at).length === 0) return [];
  return [`${at || '/'} has another type or other limits`];
}

function fieldBreaks(before: Json, after: Json, direction: Direction, at: string): string[] {
  const old = (before['properties'] ?? {}) as Record<string, Json>;
  const now = (after['properties'] ?? {}) as Record<string, Json>;
  const needed = (schema: Json): readonly string[] => (schema['required'] ?? []) as readonly string[];
  const wanted = needed(after).filter((name) => !needed(before).includes(name));
  const missed = needed(before).filter((name) => !needed(after).includes(name) && name in now);
  return [
    ...Object.entries(old).flatMap(([name, schema]) => {
      const next = now[name];
      return next === undefined ? [`${at}/${name} is gone`] : breaksOf(schema, next, direction, `${at}/${name}`);
    }),
    ...(direction === 'sent' ? wanted.map((name) => `${at}/${name} is required`) : []),
    ...(direction === 'answered' ? missed.map((name) => `${at}/${name} may be missing`) : []),
  ];
}

function partBreaks(before: Json, after: Json, direction: Direction, at: string): string[] {
  const broken: string[] = [];
  if (
    isDeepStrictEqual(
      Object.keys(before).filter((name) => name === 'items'),
      Object.keys(after).filter((name) => name === 'items'),
    )
  ) {
    if (before['items'] !== undefined)
      broken.push(...breaksOf(before['items'] as Json, after['items'] as Json, direction, `${at}/*`));
  } else broken.push(`${at}/* has another type`);
  for (const name of ['anyOf', 'allOf']) {
    const [old = [], now = []] = [before[name], after[name]] as (readonly Json[] | undefined)[];
    if (old.length !== now.length) broken.push(`${at || '/'} has other alternatives`);
    else for (const [index, one] of old.entries()) broken.push(...breaksOf(one, now[index] ?? {}, direction, at));
  }
  return broken;
}
