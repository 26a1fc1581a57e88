import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

/**
 * @typedef {object} Option
 * @property {'flag' | 'value'} kind
 * @property {string} help one line
 * @property {string} [value] what stands for its value in the help text
 */

/**
 * @typedef {object} Parsed
 * @property {Set<string>} flags
 * @property {Record<string, string[]>} values each option may be given several times
 * @property {string[]} words what is no option
 */

/**
 * Reads a command line. What is not understood is refused, with what was probably meant.
 * @param {readonly string[]} args
 * @param {Readonly<Record<string, Option>>} options
 * @returns {Parsed}
 */
export function parseOptions(args, options) {
  const names = Object.keys(options);
  const { tokens } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(names.map((name) => [name, { type: isFlag(options[name]) ? 'boolean' : 'string' }])),
  });
  /** @type {Parsed} */
  const parsed = { flags: new Set(), values: {}, words: [] };
  for (const token of tokens) {
    if (token.kind === 'positional') parsed.words.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options[token.name];
    if (!option)
      throw unknown(
        'option',
        token.rawName,
        names.map((name) => `--${name}`),
      );
    if (isFlag(option)) {
      if (token.value !== undefined) throw new Failure(`${token.rawName} takes no value`, { remedy: 'see --help' });
      parsed.flags.add(token.name);
    } else {
      if (!token.value) throw new Failure(`${token.rawName} needs a value: ${option.value}`, { remedy: 'see --help' });
      const given = parsed.values[token.name] ?? [];
      parsed.values[token.name] = [...given, token.value];
    }
  }
  return parsed;
}

/**
 * The option lines of a help text.
 * @param {Readonly<Record<string, Option>>} options
 */
export function describeOptions(options) {
  const rows = Object.entries(options).map(([name, { value, help }]) => [`--${name}${value ? ` ${value}` : ''}`, help]);
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}

/**
 * @param {string} what kind of thing
 * @param {string} given
 * @param {readonly string[]} known
 */
export function unknown(what, given, known) {
  const near = [...known].sort((a, b) => distance(given, a) - distance(given, b))[0];
  const close = near !== undefined && distance(given, near) <= Math.max(2, given.length / 3);
  return new Failure(`There is no ${what} ${given}${close ? `; did you mean ${near}?` : ''}`, {
    remedy: `there are: ${known.join(', ')}`,
  });
}

/** @param {Option | undefined} option */
function isFlag(option) {
  return option?.kind === 'flag';
}

/**
 * Levenshtein's: how many letters must be added, taken away or changed.
 * @param {string} a
 * @param {string} b
 */
function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
