/** How one environment variable is read: its type, default and meaning, and what is wrong with a value that does not fit. */
import { isIPv4, isIPv6 } from 'node:net';
export interface Variable<T> {
  /** The names it may stand under; the first that is set wins. */
  readonly names: readonly [string, ...string[]];
  /** Comes before the names where it is set: of one process only, such as DATABASE_URL_EMAIL. */
  readonly ownName?: string;
  readonly meaning: string;
  /** Type and range in words, for faults and documentation. */
  readonly expects: string;
  /** Undefined: it must be set. */
  readonly fallback: string | undefined;
  /** A value for development only, such as a credential that everybody knows: refused in production. */
  readonly developmentOnly: string | undefined;
  /**
   * @param source the whole environment, for what other variables have to say about this one
   * @throws {RangeError} without a message: the fault is worded from `expects`; with one it is that message
   */
  parse(value: string, source?: Source): T;
}

export type Source = Readonly<Record<string, string | undefined>>;

export interface About {
  readonly names: readonly [string, ...string[]];
  readonly meaning: string;
  readonly fallback?: string;
  readonly developmentOnly?: string;
}

const declare = <T>(about: About, expects: string, parse: (value: string, source?: Source) => T): Variable<T> => ({
  fallback: undefined,
  developmentOnly: undefined,
  ...about,
  expects,
  parse,
});

/** Any text but the empty one. */
export const words = (about: About): Variable<string> => declare(about, 'a text', (value) => value);

export const oneOf = <const V extends string>(about: About, values: readonly V[]): Variable<V> =>
  declare(about, `one of ${values.join(', ')}`, (value) => {
    const found = values.find((allowed) => allowed === value);
    if (found === undefined) throw new RangeError();
    return found;
  });

export const wholeNumber = (about: About, min: number, max: number): Variable<number> =>
  declare(about, `a whole number from ${min} to ${max}`, (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < min || number > max) throw new RangeError();
    return number;
  });

/** A share of a whole, e.g. `0.1` for a tenth. */
export const share = (about: About): Variable<number> =>
  declare(about, 'a number from 0 to 1', (value) => {
    const number = Number(value);
    if (!/^\d*\.?\d+$/.test(value) || number > 1) throw new RangeError();
    return number;
  });

/** A URL of one of the protocols, written without the colon. */
export const url = (about: About, protocols: readonly string[]): Variable<string> =>
  declare(about, `a URL starting with ${protocols.map((name) => `${name}://`).join(' or ')}`, (value) =>
    checkedUrl(value, protocols),
  );

/** A URL of one of the protocols with a place to be filled in, such as `{traceId}`. It is shown to others, so it has no user and password. */
export const urlTemplate = (about: About, protocols: readonly string[], place: string): Variable<string> => {
  const plain = url(about, protocols);
  return {
    ...plain,
    expects: `${plain.expects}, with ${place} in it and without user and password`,
    parse(value, source) {
      const parsed = plain.parse(value, source);
      const { username, password } = new URL(parsed);
      if (!parsed.includes(place) || username !== '' || password !== '') throw new RangeError();
      return parsed;
    },
  };
};

/** URLs of one of the protocols, separated by commas: the nodes of a cluster. */
export const urls = (about: About, protocols: readonly string[]): Variable<readonly string[]> =>
  declare(
    about,
    `URLs starting with ${protocols.map((name) => `${name}://`).join(' or ')}, separated by commas`,
    (value) => value.split(',').map((one) => checkedUrl(one.trim(), protocols)),
  );

/** Ranges that have names, as the package proxy-addr calls them. */
const NAMED_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** Addresses, ranges of them such as `10.0.0.0/8`, or `loopback`, `linklocal` and `uniquelocal`, separated by commas; or none. */
export const addressRanges = (about: About): Variable<string[]> =>
  declare(
    { fallback: '', ...about },
    'addresses or ranges of them (10.0.0.0/8, loopback, linklocal, uniquelocal), separated by commas',
    (value) => {
      const ranges = value === '' ? [] : value.split(',').map((one) => one.trim());
      if (!ranges.every((range) => NAMED_RANGES.has(range) || isRange(range))) throw new RangeError();
      return ranges;
    },
  );

function isRange(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/');
  const bits = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (bits === undefined || more.length > 0) return false;
  return prefix === undefined || (/^[1-9]\d{0,2}$/.test(prefix) && Number(prefix) <= bits);
}

/** Stands for a value that was left away. */
export const NONE = 'none';

/** What may be left away. */
export function orNone<T>(variable: Variable<T>): Variable<T | undefined> {
  return {
    ...variable,
    fallback: NONE,
    parse: (value, source) => (value === NONE ? undefined : variable.parse(value, source)),
  };
}

function checkedUrl(value: string, protocols: readonly string[]): string {
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol.slice(0, -1))) throw new RangeError();
  return value;
}

// biome-ignore lint/suspicious/noExplicitAny: a set of variables mixes types; `Parsed` gets each one back
export type Variables = Readonly<Record<string, Variable<any>>>;
export type Parsed<V extends Variables> = { readonly [K in keyof V]: V[K] extends Variable<infer T> ? T : never };

/** All that is wrong with the environment, a line each. */
export class EnvironmentFaults extends Error {
  override readonly name = 'EnvironmentFaults';
  constructor(readonly faults: readonly string[]) {
    super(
      `the environment has ${faults.length} fault${faults.length === 1 ? '' : 's'}:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
}

/**
 * Reads all variables, or says everything that is wrong with them. Values are never repeated in a fault: they may be secrets.
 * @throws {EnvironmentFaults}
 */
export function readVariables<V extends Variables>(variables: V, source: Source): Parsed<V> {
  const faults: string[] = [];
  const parsed: Record<string, unknown> = {};
  const production = (source['NODE_ENV'] || 'production') === 'production';
  for (const [property, variable] of Object.entries(variables)) {
    const name = nameIn(source, variable);
    const value = source[name] || variable.fallback;
    if (value === undefined) {
      faults.push(`${variable.names.join(' or ')} is not set; it is ${variable.expects}: ${variable.meaning}`);
    } else if (production && value === variable.developmentOnly) {
      faults.push(`${name} is set to what is for development only; set your own, or NODE_ENV=development`);
    } else {
      try {
        parsed[property] = variable.parse(value, source);
      } catch (error) {
        const own = error instanceof RangeError ? error.message : '';
        faults.push(`${name} ${own || `must be ${variable.expects}: ${variable.meaning}`}`);
      }
    }
  }
  if (faults.length > 0) throw new EnvironmentFaults(faults);
  // Every property of V was parsed above.
  return parsed as Parsed<V>;
}

/** The name under which it is set; the first of them where it is not. */
const nameIn = (source: Source, { names, ownName }: Variable<unknown>): string =>
  [ownName ?? names[0], ...names].find((name) => source[name]) ?? names[0];

/** Reads several sets of variables as one: all faults of all of them at once. @throws {EnvironmentFaults} */
export function readVariableGroups<G extends Readonly<Record<string, Variables>>>(
  groups: G,
  source: Source,
): { readonly [N in keyof G]: Parsed<G[N]> } {
  const faults = new Set<string>();
  const parsed: Record<string, unknown> = {};
  for (const [name, variables] of Object.entries(groups)) {
    try {
      parsed[name] = readVariables(variables, source);
    } catch (error) {
      if (!(error instanceof EnvironmentFaults)) throw error;
      for (const fault of error.faults) faults.add(fault);
    }
  }
  if (faults.size > 0) throw new EnvironmentFaults([...faults]);
  // Every group of G was read above.
  return parsed as { readonly [N in keyof G]: Parsed<G[N]> };
}
