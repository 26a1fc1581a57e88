/**
 * What an actor remembers, a row a key. The definition is pure; `shared/postgres` loads, locks and saves the rows of a
 * whole batch at once.
 */
export type ColumnType = 'text' | 'uuid' | 'integer' | 'bigint' | 'boolean' | 'jsonb' | 'timestamptz';

/** The phantom type parameter carries the TypeScript type of the column. */
export interface Column<T> {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly __type?: T;
}
// biome-ignore lint/suspicious/noExplicitAny: a set of columns mixes types; `Value` gets each one back
export type Columns = Readonly<Record<string, Column<any>>>;

const column = <T>(type: ColumnType): Column<T> => ({ type, nullable: false });
export const text = <T extends string = string>(): Column<T> => column('text');
export const uuid = (): Column<string> => column('uuid');
/** 32 bit. */
export const integer = (): Column<number> => column('integer');
/** Whole numbers up to 2^53, such as money in minor units. */
export const bigint = (): Column<number> => column('bigint');
/** @public For the states of workers to come. */
export const boolean = (): Column<boolean> => column('boolean');
export const jsonb = <T>(): Column<T> => column('jsonb');
export const timestamptz = (): Column<Date> => column('timestamptz');
export const nullable = <T>(of: Column<T>): Column<T | null> => ({ type: of.type, nullable: true });

type Typed<C extends Columns> = { readonly [K in keyof C]: C[K] extends Column<infer T> ? T : never };

export interface KeyedState<T = unknown> {
  readonly table: string;
  /** Name and type of the key's column. */
  readonly key: { readonly column: string; readonly type: 'text' | 'uuid' };
  /** Written when the row is made, never again. */
  readonly fixed: Columns;
  readonly columns: Columns;
  readonly __value?: T;
}

/** What is remembered under one key. */
export type Value<K> = K extends KeyedState<infer T> ? T : never;

/**
 * Describes a table of states. The table also has `version bigint not null`, which every save raises by one; property
 * names are the column names in camel case.
 */
export function keyedState<C extends Columns, F extends Columns = Record<never, never>>(
  table: string,
  definition: {
    readonly key: KeyedState['key'];
    readonly columns: C;
    readonly fixed?: F;
  },
): KeyedState<Typed<C> & Typed<F>> {
  return { table, key: definition.key, columns: definition.columns, fixed: definition.fixed ?? {} };
}

/** The state under one key, as one handler sees it. */
export interface State<T> {
  readonly key: string;
  /** Undefined until something was saved under the key. */
  readonly value: T | undefined;
  /** Replaces the value; saved when the batch commits, dropped when the handler throws. */
  set(next: T): void;
}

/** The states under the keys that the handler asked for. */
export interface States<T> {
  /** @throws {RangeError} when the handler did not ask for the key */
  get(key: string): State<T>;
  readonly keys: readonly string[];
}

/** An append-only table: rows are added in the transaction of the batch and never read back by an actor. */
export interface Ledger<T = unknown> {
  readonly table: string;
  readonly columns: Columns;
  readonly __row?: T;
}

/** Describes an append-only table. */
export function ledger<C extends Columns>(table: string, columns: C): Ledger<Typed<C>> {
  return { table, columns };
}
