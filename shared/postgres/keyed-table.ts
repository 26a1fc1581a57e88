/** Loads, locks and saves the states of a whole batch: one statement for each, whatever the batch's size. */
import { createHash } from 'node:crypto';
import type { Column, KeyedState } from '../actors/keyed-state.js';
import type { Statement, Transaction } from './database.js';
import { VersionConflict } from './failure.js';

/** A state as it stands in its table. Version 0 means that there is no row yet. */
export interface StoredState {
  readonly key: string;
  readonly version: number;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/** A state to be saved: the version it was loaded with, and its new value. */
export interface ChangedState {
  readonly key: string;
  readonly version: number;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Field {
  readonly property: string;
  readonly column: string;
  readonly type: Column<unknown>['type'];
}

export class KeyedTable {
  readonly #state: KeyedState;
  /** All but the key and the version. */
  readonly #fields: readonly Field[];
  readonly #load: string;
  readonly #loadLocked: string;
  readonly #insert: string;
  readonly #update: string;
  readonly #changing: readonly Field[];

  constructor(state: KeyedState) {
    const { table, key } = state;
    this.#state = state;
    this.#changing = fieldsOf(state.columns);
    this.#fields = [...this.#changing, ...fieldsOf(state.fixed)];
    const columns = this.#fields.map(({ column }) => column);
    this.#load = `select ${[key.column, 'version', ...columns].join(', ')} from ${table} where ${key.column} = any($1::${key.type}[])`;
    this.#loadLocked = `${this.#load} order by ${key.column} for no key update`;
    this.#insert = `insert into ${table} (${[key.column, 'version', ...columns].join(', ')})
      select key, version + 1${columns.map((column) => `, ${column}`).join('')} from ${unnest(key.type, this.#fields)} order by key
      on conflict do nothing`;
    this.#update = `update ${table} as stored set version = stored.version + 1${this.#changing.map(({ column }) => `, ${column} = changed.${column}`).join('')}
      from ${unnest(key.type, this.#changing)} where stored.${key.column} = changed.key and stored.version = changed.version`;
  }

  /**
   * The states under the keys, in no certain order; keys without a row are left out.
   * `lock` holds them until the transaction ends, taken in the order of the keys.
   */
  async load(
    database: { query<R extends object>(statement: Statement): Promise<{ rows: R[] }> },
    keys: readonly string[],
    lock: boolean,
  ): Promise<StoredState[]> {
    if (keys.length === 0) return [];
    const { key } = this.#state;
    const { rows } = await database.query<Record<string, unknown>>({
      ...prepared(lock ? this.#loadLocked : this.#load),
      values: [keys],
    });
    return rows.map((row) => ({
      key: String(row[key.column]),
      version: Number(row['version']),
      value: this.#valueOf(row),
    }));
  }

  #valueOf(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const value: Record<string, unknown> = {};
    for (const { property, column } of this.#fields) value[property] = row[column];
    return value;
  }

  /**
   * Saves states that the transaction has loaded.
   * @throws {VersionConflict} when one was made or saved by somebody else meanwhile
   */
  async save(transaction: Transaction, states: readonly ChangedState[]): Promise<void> {
    const made = states.filter(({ version }) => version === 0);
    const changed = states.filter(({ version }) => version > 0);
    await Promise.all([
      this.#write(transaction, this.#update, this.#changing, changed),
      this.#write(transaction, this.#insert, this.#fields, made),
    ]);
  }

  async #write(
    transaction: Transaction,
    text: string,
    fields: readonly Field[],
    states: readonly ChangedState[],
  ): Promise<void> {
    if (states.length === 0) return;
    const { rowCount } = await transaction.query({
      ...prepared(text),
      values: [
        states.map(({ key }) => key),
        states.map(({ version }) => version),
        ...fields.map((field) => states.map(({ value }) => columnValue(field, value[field.property]))),
      ],
    });
    if (rowCount !== states.length) {
      throw new VersionConflict(
        `${states.length - rowCount} of ${states.length} rows of ${this.#state.table} moved meanwhile`,
      );
    }
  }
}

/** A state's or ledger's property under its column name. */
export function fieldsOf(columns: KeyedState['columns']): Field[] {
  return Object.entries(columns).map(([property, { type }]) => ({ property, column: snakeCase(property), type }));
}

/** A value as pg takes it inside an array parameter. */
export function columnValue({ type }: Field, value: unknown): unknown {
  return type === 'jsonb' && value !== null && value !== undefined ? JSON.stringify(value) : value;
}

function unnest(keyType: string, fields: readonly Field[]): string {
  const types = [keyType, 'bigint', ...fields.map(({ type }) => type)];
  return `unnest(${types.map((type, index) => `$${index + 1}::${type}[]`).join(', ')})
      as changed (${['key', 'version', ...fields.map(({ column }) => column)].join(', ')})`;
}

function snakeCase(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Named by its text: two actors may know one table by different columns, and share a connection. */
function prepared(text: string): { readonly name: string; readonly text: string } {
  let name = names.get(text);
  if (name === undefined) {
    name = `keyed-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    names.set(text, name);
  }
  return { name, text };
}

const names = new Map<string, string>();
