/**
 * The text of a file in which some lines are UTF-8 and others latin-1. Line breaks stay as they are: one inside quotes
 * belongs to its field.
 */
import { isUtf8 } from 'node:buffer';

const LINE_FEED = 0x0a;

/** Yields pieces of whole lines, each line decoded by itself. */
export async function* decodeLines(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = joined.lastIndexOf(LINE_FEED) + 1;
    rest = joined.subarray(end);
    if (end > 0) yield textOf(joined.subarray(0, end));
  }
  if (rest.length > 0) yield textOf(rest);
}

/** Most chunks are UTF-8 as a whole; only the others are looked at line by line. */
function textOf(lines: Buffer): string {
  if (isUtf8(lines)) return lines.toString('utf8');
  const texts: string[] = [];
  for (let start = 0; start < lines.length; ) {
    const found = lines.indexOf(LINE_FEED, start);
    const end = found === -1 ? lines.length : found + 1;
    const line = lines.subarray(start, end);
    texts.push(line.toString(isUtf8(line) ? 'utf8' : 'latin1'));
    start = end;
  }
  return texts.join('');
}
