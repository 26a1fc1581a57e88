/** Finds what JSON.parse passes over in silence: a member that an object has twice, of which it takes the last. Pure. */
import { pointerToken } from './problem.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** An object or list that is not closed yet, and where in it the text stands. */
interface Open {
  /** Of an object: the members so far, by what their names mean. */
  readonly names: Set<string> | undefined;
  name: string;
  index: number;
}

/**
 * JSON pointer to the first member whose object has had one of that name, however either is escaped; undefined if there is none.
 * One pass over the text, whatever is in it: this runs for every request.
 * @param json what JSON.parse accepts
 */
export function repeatedMember(json: string): string | undefined {
  const around: Open[] = [];
  let inside: Open | undefined;
  let start = 0;
  let end = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        start = at;
        at = end = closingQuote(json, at);
        break;
      case COLON:
        if (inside?.names === undefined) break;
        inside.name = nameOf(json, start, end);
        if (inside.names.has(inside.name)) return [...around, inside].map(tokenOf).join('');
        inside.names.add(inside.name);
        break;
      case COMMA:
        if (inside !== undefined) inside.index += 1;
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        if (inside !== undefined) around.push(inside);
        inside = { names: json.charCodeAt(at) === OPENING_BRACE ? new Set() : undefined, name: '', index: 0 };
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        inside = around.pop();
    }
  }
  return undefined;
}

/** The next quote that is not escaped, by an odd number of backslashes before it. */
function closingQuote(json: string, opening: number): number {
  for (let at = json.indexOf('"', opening + 1); ; at = json.indexOf('"', at + 1)) {
    let before = at;
    while (json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 0) return at;
  }
}

/** Escapes are undone, so that "\u0061" is taken for the "a" that it is. */
function nameOf(json: string, start: number, end: number): string {
  const written = json.slice(start + 1, end);
  return written.includes('\\') ? JSON.parse(json.slice(start, end + 1)) : written;
}

const tokenOf = ({ names, name, index }: Open): string => `/${names === undefined ? index : pointerToken(name)}`;
