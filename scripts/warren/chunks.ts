/** Lines of JSON in chunks that fit into one request each, with the numbers of their lines. */
import { reasonOf } from '../../shared/observability/reason.js';

const MESSAGES_AT_MOST = 500;
/** Of a chunk; web takes 512 KiB. */
const BYTES_AT_MOST = 400 * 1024;

export interface Chunk {
  /** From 1; of each message its own. */
  readonly lines: readonly number[];
  readonly messages: readonly unknown[];
}

/** Blank lines are none. @throws {LineFault} for one that is no JSON, or too long */
export async function* chunked(lines: AsyncIterable<string>): AsyncGenerator<Chunk> {
  let chunk: { lines: number[]; messages: unknown[] } = { lines: [], messages: [] };
  let bytes = 0;
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === '') continue;
    const size = Buffer.byteLength(line);
    if (size > BYTES_AT_MOST) throw new LineFault(number, `has ${size} bytes, and at most ${BYTES_AT_MOST} are taken`);
    if (chunk.lines.length === MESSAGES_AT_MOST || (bytes + size > BYTES_AT_MOST && bytes > 0)) {
      yield chunk;
      chunk = { lines: [], messages: [] };
      bytes = 0;
    }
    chunk.lines.push(number);
    chunk.messages.push(parsed(line, number));
    bytes += size;
  }
  if (chunk.lines.length > 0) yield chunk;
}

/** A line that cannot be imported; the message names it. */
class LineFault extends Error {
  override readonly name = 'LineFault';
  constructor(line: number, fault: string) {
    super(`line ${line} ${fault}`);
  }
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new LineFault(number, `is no JSON: ${reasonOf(error)}`);
  }
}
