/** A command of `warren`: every one takes `--url`, `--key` and `--json`, and answers for machines and for eyes. */
import { type Command, InvalidArgumentError } from 'commander';
import { OperatorApi } from './api.js';

/** What a command has to say. */
export interface Answer {
  /** Undefined where the command has written it already; then there are no lines either. */
  readonly json: unknown;
  readonly lines: readonly string[];
  /** False: not well, or nothing done; exit code 1. @default true */
  readonly well?: boolean;
}

export interface Given<O> {
  readonly api: OperatorApi;
  readonly args: readonly string[];
  readonly options: O;
}

interface Shared {
  readonly url: string;
  readonly key: string;
  readonly json?: true;
}

/** Where web and the key are looked for; what is given on the command line wins. */
export interface Defaults {
  readonly url: string;
  readonly key: string;
}

/** What a command line is run with: the defaults, and what is done with an answer. */
export interface Running {
  readonly defaults: Defaults;
  readonly answer: (answer: Answer, json: boolean) => void;
}

/** Adds a command; what further options it takes is added to what is returned. @param syntax such as `show <order>` */
export function addCommand<O extends object>(
  parent: Command,
  { defaults, answer }: Running,
  syntax: string,
  description: string,
  act: (given: Given<O>) => Promise<Answer>,
): Command {
  const command = parent
    .command(syntax)
    .description(description)
    .option('--url <url>', 'where web is (WARREN_URL)', defaults.url)
    // Its default is not shown: it may be a real key.
    .option('--key <key>', 'key of an operator (WARREN_OPERATOR_KEY)')
    .option('--json', 'print JSON instead of tables');
  command.action(async () => {
    const options = command.opts<O & Partial<Shared> & Pick<Shared, 'url'>>();
    const api = new OperatorApi(options.url, options.key ?? defaults.key);
    answer(await act({ api, args: command.args, options }), options.json === true);
  });
  return command;
}

/** Parses an option that is a whole number from 1. */
export function count(value: string): number {
  if (/^[1-9]\d{0,6}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It has to be a whole number from 1.');
}

/** The first argument, which the syntax requires. */
export const firstOf = ([first = '']: readonly string[]): string => first;
