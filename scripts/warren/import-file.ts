/** Brings the messages of a file to web, a chunk at a time. All of them or none: where one is refused, the replay is cancelled. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { reasonOf } from '../../shared/observability/reason.js';
import { ApiRefused, type OperatorApi } from './api.js';
import { chunked } from './chunks.js';
import type { Replay } from './replay-lines.js';

/** In characters. */
const LONGEST_LINE = 1024 * 1024;

export interface ImportWanted {
  readonly to: string;
  readonly effects: true | undefined;
  readonly perSecond: number;
  readonly reason: string;
}

interface Kept {
  readonly kept: number;
  readonly notTaken: number;
}

/** The replay that is being rehearsed then. @throws {ApiRefused} naming the file and its line */
export async function importFile(api: OperatorApi, file: string, wanted: ImportWanted): Promise<Replay> {
  const replay = await api.post<Replay>('/replays/import', wanted);
  const path = `/replays/${replay.id}`;
  try {
    let messages = 0;
    let notTaken = 0;
    for await (const chunk of chunked(linesOf(file))) {
      const kept = await api
        .post<Kept>(`${path}/messages`, { messages: chunk.messages })
        .catch((error: unknown) => Promise.reject(inLines(error, chunk.lines)));
      messages += kept.kept;
      notTaken += kept.notTaken;
    }
    if (messages === 0) throw new Error(`there is no message in it that ${wanted.to} takes`);
    process.stderr.write(`${messages} messages imported; ${notTaken} that ${wanted.to} does not take are left out\n`);
    return await api.post<Replay>(`${path}/imported`, { messages, reason: wanted.reason });
  } catch (error) {
    const left = await api.post(`${path}/cancel`, { reason: `the import of ${file} failed` }).then(
      () => 'nothing of it is replayed',
      () => `nothing of it is replayed, and what is left of it goes by: warren replays cancel ${replay.id}`,
    );
    throw new ApiRefused('import.refused', `${file}: ${reasonOf(error)}; ${left}`);
  }
}

/** npm runs commands in the project's folder, and says in INIT_CWD where it was called from. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(resolve(process.env['INIT_CWD'] ?? '.', file));
  let begun = '';
  for await (const text of input.setEncoding('utf8')) {
    const lines = `${begun}${text}`.split('\n');
    begun = lines.pop() ?? '';
    yield* lines;
    // Whatever comes of it is too long for a message; it need not be read to its end.
    if (begun.length > LONGEST_LINE) break;
  }
  yield begun;
}

/** What web says of the messages of a request, said of the lines that they stand in. */
function inLines(error: unknown, lines: readonly number[]): unknown {
  if (!(error instanceof ApiRefused)) return error;
  const said = error.faults.flatMap(({ pointer, detail }) => {
    const [, index, member] = /^\/messages\/(\d+)(?:\/(.*))?$/.exec(pointer ?? '') ?? [];
    return index === undefined ? [] : [`line ${lines[Number(index)]}: ${member ?? 'it'} ${detail}`];
  });
  return said.length === 0 ? error : new ApiRefused(error.code, said.join('\n  '));
}
