/** Reads a command line by the same declarations that the environment is read by: all faults are reported at once. */
import { parseArgs } from 'node:util';
import {
  EnvironmentFaults,
  NONE,
  orNone,
  type Parsed,
  readVariables,
  type Variable,
  type Variables,
  wholeNumber,
  words,
} from '../config/variable.js';

/** All that is wrong with a command line, a line each. */
export class CommandLineFaults extends Error {
  override readonly name = 'CommandLineFaults';
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

/** An option is present or not. */
const FLAG = 'given or not';

export const flag = (name: string, meaning: string): Variable<boolean> => ({
  names: [name],
  meaning,
  expects: FLAG,
  fallback: 'no',
  developmentOnly: undefined,
  parse: (value) => value === 'yes',
});

/** A whole number from `min`; 0 where it is not given, which is not in the range. */
export function countOrNone(name: string, meaning: string, max: number): Variable<number | undefined> {
  return orNone(wholeNumber({ names: [name], meaning }, 1, max));
}

/** Texts separated by commas; none where it is not given. */
export function texts(name: string, meaning: string): Variable<readonly string[]> {
  const variable = words({ names: [name], meaning });
  return {
    ...variable,
    fallback: NONE,
    expects: 'texts separated by commas',
    parse: (value) => (value === NONE ? [] : value.split(',').filter((text) => text !== '')),
  };
}

/** A share of all, from 0 to 1. */
export const share = (name: string, meaning: string, fallback: string): Variable<number> => ({
  names: [name],
  meaning,
  expects: 'a number from 0 to 1',
  fallback,
  developmentOnly: undefined,
  parse: (value) => {
    const number = Number(value);
    if (!/^\d*\.?\d+$/.test(value) || number > 1) throw new RangeError();
    return number;
  },
});

export interface CommandLine<V extends Variables> {
  readonly options: Parsed<V>;
  /** What is no option. */
  readonly words: readonly string[];
}

/**
 * Reads `--name value`, `--name=value` and `--flag`; of a repeated option the last counts.
 * @param options whose first names are as they are typed, such as `--rate`
 * @throws {CommandLineFaults}
 */
export function readCommandLine<V extends Variables>(options: V, args: readonly string[]): CommandLine<V> {
  const names = new Map(Object.values(options).map((option) => [option.names[0], option.expects === FLAG]));
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      [...names].map(([name, isFlag]) => [name.slice(2), { type: isFlag ? 'boolean' : 'string' }]),
    ),
  });
  const given: Record<string, string> = {};
  const words: string[] = [];
  const faults: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const isFlag = names.get(token.rawName);
    if (isFlag === undefined)
      faults.push(`there is no option ${token.rawName}; there are ${[...names.keys()].join(', ')}`);
    else if (isFlag && token.value !== undefined) faults.push(`${token.rawName} takes no value`);
    else if (!isFlag && !token.value) faults.push(`${token.rawName} needs a value`);
    else given[token.rawName] = token.value ?? 'yes';
  }
  try {
    const parsed = readVariables(options, given);
    if (faults.length > 0) throw new CommandLineFaults(faults);
    return { options: parsed, words };
  } catch (error) {
    if (!(error instanceof EnvironmentFaults)) throw error;
    throw new CommandLineFaults([...faults, ...error.faults]);
  }
}

/** The option lines of a help text. */
export function describeOptions(options: Variables): string {
  const rows = Object.values(options).map(({ names, expects, fallback, meaning }) => {
    const standard = expects === FLAG || fallback === NONE || !fallback ? '' : ` (default ${fallback})`;
    return [expects === FLAG ? names[0] : `${names[0]} …`, `${meaning}${standard}`] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
