/** The states that a batch has loaded, with what its handlers have made of them so far. */
import type { Statement, Transaction } from '../postgres/database.js';
import type { KeyedTable, StoredState } from '../postgres/keyed-table.js';
import type { Change, Row } from './draft.js';
import { type StateRef, stateRef, type Work } from './work.js';

interface Entry {
  readonly ref: StateRef;
  stored: StoredState;
  value: Row | undefined;
  /** Times it was changed in this batch. */
  changes: number;
}

export type Tables = ReadonlyMap<string, KeyedTable>;

export class LoadedStates {
  /** By the id of their reference. */
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(entries: ReadonlyMap<string, Entry>) {
    this.#entries = entries;
  }

  /** Loads what the works need, a statement a table; `lock` holds the rows until the transaction ends. */
  static async load(
    database: { query<R extends object>(statement: Statement): Promise<{ rows: R[] }> },
    tables: Tables,
    works: readonly Work[],
    lock: boolean,
  ): Promise<LoadedStates> {
    const entries = new Map<string, Entry>();
    for (const { refs } of works) {
      for (const ref of refs) {
        if (entries.has(ref.id)) continue;
        entries.set(ref.id, {
          ref,
          stored: { key: ref.key, version: 0, value: undefined },
          value: undefined,
          changes: 0,
        });
      }
    }
    const load = async ([state, table]: readonly [string, KeyedTable]): Promise<void> => {
      const keys: string[] = [];
      for (const { ref } of entries.values()) if (ref.state === state) keys.push(ref.key);
      for (const stored of await table.load(database, keys, lock)) {
        const entry = entries.get(stateRef(state, stored.key).id);
        if (entry === undefined) throw new RangeError(`${state} "${stored.key}" was loaded but not asked for`);
        entry.stored = stored;
        entry.value = stored.value;
      }
    };
    // In a transaction they go out together; outside of one each would take a connection of its own.
    if (lock) await Promise.all([...tables].map(load));
    else for (const table of tables) await load(table);
    return new LoadedStates(entries);
  }

  readonly valueOf = (ref: StateRef): Row | undefined => this.#entries.get(ref.id)?.value;

  /** Rises with every change, saved or of this batch. */
  readonly versionOf = (ref: StateRef): number => {
    const entry = this.#entries.get(ref.id);
    return entry === undefined ? 0 : entry.stored.version + entry.changes;
  };

  apply(changes: Iterable<Change>): void {
    for (const { ref, value } of changes) {
      const entry = this.#entries.get(ref.id);
      if (entry === undefined) throw new RangeError(`${ref.state} "${ref.key}" was changed but never loaded`);
      entry.value = value;
      entry.changes += 1;
    }
  }

  /** Saves what was changed, a statement or two a table. @throws {VersionConflict} */
  async save(transaction: Transaction, tables: Tables): Promise<void> {
    const saved = [...tables].map(([state, table]) => {
      const changed = [];
      for (const { ref, stored, value, changes } of this.#entries.values()) {
        if (changes === 0 || ref.state !== state) continue;
        changed.push({ key: stored.key, version: stored.version, value: value ?? {} });
      }
      return table.save(transaction, changed);
    });
    await Promise.all(saved);
  }
}
