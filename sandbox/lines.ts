/** Cuts a stream of bytes into its lines, with the byte at which each begins and its length without the newline. */
import type { Readable } from 'node:stream';

export interface Line {
  text: string;
  start: number;
  length: number;
}

export async function* linesOf(stream: Readable, firstByte = 0): AsyncGenerator<Line> {
  let rest = Buffer.alloc(0);
  let start = firstByte;
  for await (const chunk of stream) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let newline = bytes.indexOf(10); newline >= 0; newline = bytes.indexOf(10, from)) {
      yield { text: bytes.toString('utf8', from, newline), start, length: newline - from };
      start += newline - from + 1;
      from = newline + 1;
    }
    rest = bytes.subarray(from);
  }
}
