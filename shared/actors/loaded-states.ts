/** The states that a batch has loaded, with what its handlers have made of them so far. */

import type { Statement, Transaction } from '../postgres/database.js';
import type { KeyedTable, StoredState } from '../postgres/keyed-table.js';
import type { Change, Row } from './draft.js';
import { forEachKey, type Work } from './work.js';

interface Entry {
  readonly stored: StoredState;
  value: Row | undefined;
  /** Times it was changed in this batch. */
  changes: number;
}

export type Tables = ReadonlyMap<string, KeyedTable>;

export class LoadedStates {
  readonly #entries: ReadonlyMap<string, Map<string, Entry>>;

  private constructor(entries: ReadonlyMap<string, Map<string, Entry>>) {
    this.#entries = entries;
  }

  /** Loads what the works need, a statement a table; `lock` holds the rows until the transaction ends. */
  static async load(
    database: { query<R extends object>(statement: Statement): Promise<{ rows: R[] }> },
    tables: Tables,
    works: readonly Work[],
    lock: boolean,
  ): Promise<LoadedStates> {
    const entries = new Map<string, Map<string, Entry>>([...tables.keys()].map((state) => [state, new Map()]));
    for (const work of works) {
      forEachKey(work, (state, key) => {
        entries.get(state)?.set(key, { stored: { key, version: 0, value: undefined }, value: undefined, changes: 0 });
      });
    }
    for (const [state, table] of tables) {
      const byKey = entries.get(state) ?? new Map<string, Entry>();
      for (const stored of await table.load(database, [...byKey.keys()], lock)) {
        byKey.set(stored.key, { stored, value: stored.value, changes: 0 });
      }
    }
    return new LoadedStates(entries);
  }

  readonly valueOf = (state: string, key: string): Row | undefined => this.#entries.get(state)?.get(key)?.value;

  /** Rises with every change, saved or of this batch. */
  readonly versionOf = (state: string, key: string): number => {
    const entry = this.#entries.get(state)?.get(key);
    return entry === undefined ? 0 : entry.stored.version + entry.changes;
  };

  apply(changes: readonly Change[]): void {
    for (const { state, key, value } of changes) {
      const entry = this.#entries.get(state)?.get(key);
      if (entry === undefined) throw new RangeError(`${state} "${key}" was changed but never loaded`);
      entry.value = value;
      entry.changes += 1;
    }
  }

  /** Saves what was changed, a statement or two a table. @throws {VersionConflict} */
  async save(transaction: Transaction, tables: Tables): Promise<void> {
    for (const [state, table] of tables) {
      const changed = [...(this.#entries.get(state)?.values() ?? [])]
        .filter(({ changes }) => changes > 0)
        .map(({ stored, value }) => ({ key: stored.key, version: stored.version, value: value ?? {} }));
      if (changed.length > 0) await table.save(transaction, changed);
    }
  }
}
