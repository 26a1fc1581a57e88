import { readFileSync } from 'node:fs';

/** As users run it: what stands behind `node` in the Procfile's line of the process. */
export function procfileArguments(name: string): string[] {
  const line = procfileLines().find((one) => one.startsWith(`${name}: node `));
  if (line === undefined) throw new Error(`the Procfile has no line for ${name}`);
  return line.slice(`${name}: node `.length).split(' ');
}

/** The names of all processes, in the order of the Procfile. */
export const procfileNames = (): string[] => procfileLines().flatMap((line) => /^([\w-]+):/.exec(line)?.[1] ?? []);

const procfileLines = (): string[] => readFileSync('Procfile', 'utf8').split('\n');
