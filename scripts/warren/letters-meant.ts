/** Which dead letters a command line means. */
import { type Command, InvalidArgumentError } from 'commander';

export interface LetterOptions {
  readonly actor?: string;
  readonly type?: string;
  readonly code?: string;
  readonly fingerprint?: string;
  readonly order?: string;
}

/** Adds the options that narrow. */
export function narrowing(command: Command): Command {
  return command
    .option('--actor <name>', 'letters of this actor')
    .option('--type <name>', 'letters of this type of message')
    .option('--code <code>', 'letters with this error code')
    .option('--fingerprint <text>', 'letters of one actor, type and error code')
    .option('--order <id>', 'letters of this order');
}

export const filterOf = ({ actor, type, code, fingerprint, order }: LetterOptions) => ({
  actor,
  type,
  code,
  fingerprint,
  order,
});

/** What a change means: the letter that is named, or all that fit. */
export type Meant = { readonly one: string } | { readonly many: { readonly filter?: object; readonly all?: true } };

/** @throws {InvalidArgumentError} where nothing is said: all are meant only where that is said */
export function meant(named: readonly string[], options: LetterOptions & { readonly all?: true }): Meant {
  const filter = { ...filterOf(options), ...(named.length > 0 ? { ids: named } : {}) };
  const narrowed = Object.values(filter).some((value) => value !== undefined);
  const [id] = named;
  if (narrowed === (options.all === true)) {
    throw new InvalidArgumentError(
      'name letters, or say which by --actor, --type, --code, --fingerprint or --order, or say --all',
    );
  }
  if (options.all === true) return { many: { all: true } };
  const alone = id !== undefined && named.length === 1 && Object.values(filterOf(options)).every((value) => !value);
  return alone ? { one: id } : { many: { filter } };
}
