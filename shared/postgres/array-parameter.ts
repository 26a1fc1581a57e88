/**
 * Parameters as pg sends them, but for arrays: pg writes those element by element through two regular expressions, which
 * made a seventh of all that a deciding worker allocated. PostgreSQL reads the same from both; times are those with a zone.
 */

/** Letters of identifiers, numbers and times, which an array literal takes without quotes. */
const PLAIN = /^[\w.:+-]+$/;
const NULL = /^null$/i;
/** JSON writes these in ways that PostgreSQL's array literal does not know. */
const BEYOND_JSON = /[^ -\ud7ff\ue000-\uffff]/;
const QUOTED = /["\\]/g;

/** An array of texts, numbers, booleans, times and nulls becomes a literal; everything else is left to pg. */
export function parameter(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  let literal = '{';
  for (let index = 0; index < value.length; index++) {
    const element = elementOf(value[index]);
    if (element === undefined) return value;
    literal += index === 0 ? element : `,${element}`;
  }
  return `${literal}}`;
}

function elementOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return textOf(value);
    case 'number':
    case 'boolean':
      return String(value);
    default:
      if (value === null || value === undefined) return 'NULL';
      return value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : undefined;
  }
}

function textOf(text: string): string {
  if (PLAIN.test(text)) return NULL.test(text) ? `"${text}"` : text;
  return BEYOND_JSON.test(text) ? `"${text.replace(QUOTED, '\\$&')}"` : JSON.stringify(text);
}
