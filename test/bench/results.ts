/** Results that are kept in `bench/results/`: the object of `--json`, a file a run of the bench. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Type, { Compile, type Static } from '../../shared/messaging/typebox.js';

export const RESULTS = 'bench/results';

/** Null is what could not be measured there. */
const Figures = Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()]));

const Result = Type.Object({
  environment: Type.Object({
    at: Type.String(),
    cpu: Type.String(),
    cores: Type.Number(),
    memoryGiB: Type.Number(),
    system: Type.String(),
    node: Type.String(),
    postgres: Type.String(),
    rabbitmq: Type.String(),
    redis: Type.String(),
    commit: Type.String(),
    tuning: Type.Record(Type.String(), Type.String()),
  }),
  scenarios: Type.Array(
    Type.Object({
      scenario: Type.String(),
      options: Type.Record(Type.String(), Type.Unknown()),
      figures: Figures,
      runs: Type.Array(Figures),
      faults: Type.Array(Type.String()),
    }),
    { minItems: 1 },
  ),
});
export type Result = Static<typeof Result>;

const results = Compile(Result);

/** @throws {Error} when it is none */
export const parseResult = (json: string): Result => results.Parse(JSON.parse(json));

/**
 * Writes a result beside those of other days; another of the same day and the same scenarios gets a number.
 * @param json as `benchJson` gives it
 * @returns where it stands
 */
export async function saveResult(json: string, folder = RESULTS): Promise<string> {
  const result = parseResult(json);
  const day = result.environment.at.slice(0, 'yyyy-mm-dd'.length);
  const name = `${day}-${result.scenarios.map(({ scenario }) => scenario).join('+')}`;
  await mkdir(folder, { recursive: true });
  for (let nth = 1; ; nth++) {
    const path = join(folder, `${name}${nth === 1 ? '' : `-${nth}`}.json`);
    try {
      await writeFile(path, `${JSON.stringify(result, null, 2)}\n`, { flag: 'wx' });
      return path;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

/** A result and the file that it stands in. */
export interface KeptResult {
  readonly path: string;
  readonly result: Result;
}

/** All that are kept, the newest first. */
/** Those of the fleet as it is declared, which nobody was trying something out on. */
export async function plainResults(): Promise<KeptResult[]> {
  return (await keptResults()).filter(({ result }) => Object.keys(result.environment.tuning).length === 0);
}

export async function keptResults(folder = RESULTS): Promise<KeptResult[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const kept = await Promise.all(names.map((name) => readResult(join(folder, name))));
  return newestFirst(kept);
}

export const newestFirst = (kept: readonly KeptResult[]): KeptResult[] =>
  [...kept].sort((a, b) => b.result.environment.at.localeCompare(a.result.environment.at));

/** A file is not there, or holds something else. */
export class NoResult extends Error {
  override readonly name = 'NoResult';
}

/** @throws {NoResult} */
export async function readResult(path: string): Promise<KeptResult> {
  try {
    return { path, result: parseResult(await readFile(path, 'utf8')) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NoResult(`${path} is no result of the bench: ${why}`, { cause: error });
  }
}
