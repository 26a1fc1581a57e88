/**
 * The states of an actor as a rehearsal sees them: as they stand, with what the decisions before have made of them. Nothing of
 * it is ever saved for good.
 */
import { isDeepStrictEqual } from 'node:util';
import { SECRET, SECRET_FIELDS } from '../../observability/log.js';
import type { Statement } from '../../postgres/database.js';
import { KeyedTable, type StoredState } from '../../postgres/keyed-table.js';
import type { StateChange } from '../../postgres/replay-rehearsal.js';
import type { ActorDefinition } from '../definition.js';
import type { Change, Row } from '../draft.js';
import type { KeyedState } from '../keyed-state.js';
import type { Tables } from '../loaded-states.js';
import { stateRef } from '../work.js';

/** What is kept in mind; beyond it, what was changed longest ago is seen as it stands. */
const KEPT_AT_MOST = 5000;

export class RehearsedStates {
  readonly tables: Tables;
  readonly #states: ActorDefinition['states'];
  /** What decisions have made of states, the latest last, by the id of their reference. */
  readonly #made = new Map<string, Row>();
  /** What the present transaction has loaded. */
  readonly #loaded = new Map<string, Row>();
  #forgot = false;

  constructor({ states }: Pick<ActorDefinition, 'states'>) {
    this.#states = states;
    this.tables = new Map(
      Object.entries(states).map(([name, state]) => [name, new RehearsedTable(state, (row) => this.#seen(name, row))]),
    );
  }

  /** Some of what was made is seen no more. */
  get approximate(): boolean {
    return this.#forgot;
  }

  /** A transaction begins. */
  begin(): void {
    this.#loaded.clear();
  }

  /** Keeps what one decision made of its states, and tells what it changed. */
  keep(changes: readonly Change[]): StateChange[] {
    return changes.flatMap(({ ref, value }) => {
      const before = this.#made.get(ref.id) ?? this.#loaded.get(ref.id);
      this.#made.delete(ref.id);
      this.#made.set(ref.id, value);
      const [oldest] = this.#made.keys();
      if (this.#made.size > KEPT_AT_MOST && oldest !== undefined) {
        this.#made.delete(oldest);
        this.#forgot = true;
      }
      const fields = differences(before, value);
      const table = this.#states[ref.state]?.table ?? ref.state;
      return Object.keys(fields).length === 0 ? [] : [{ table, key: ref.key, made: before === undefined, fields }];
    });
  }

  /** A state as it stands, seen as decisions have left it. */
  #seen(name: string, stored: StoredState): StoredState {
    const { id } = stateRef(name, stored.key);
    if (stored.value !== undefined) this.#loaded.set(id, stored.value);
    const value = this.#made.get(id) ?? stored.value;
    return { ...stored, value };
  }
}

class RehearsedTable extends KeyedTable {
  readonly #seen: (stored: StoredState) => StoredState;

  constructor(state: KeyedState, seen: (stored: StoredState) => StoredState) {
    super(state);
    this.#seen = seen;
  }

  /** Also what has no row yet but was made by a decision before. */
  override async load(
    database: { query<R extends object>(statement: Statement): Promise<{ rows: R[] }> },
    keys: readonly string[],
    lock: boolean,
  ): Promise<StoredState[]> {
    const stored = new Map((await super.load(database, keys, lock)).map((one) => [one.key, one]));
    return keys
      .map((key) => this.#seen(stored.get(key) ?? { key, version: 0, value: undefined }))
      .filter(({ value }) => value !== undefined);
  }
}

/** What differs, by property; of what nobody may read, only that it does. Pure. */
export function differences(before: Row | undefined, after: Row): StateChange['fields'] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after)])];
  return Object.fromEntries(
    names
      .map((name) => [name, { from: before?.[name] ?? null, to: after[name] ?? null }] as const)
      .filter(([, { from, to }]) => !isDeepStrictEqual(from, to))
      .map(([name, change]) => [name, SECRET_FIELDS.includes(name) ? { from: SECRET, to: SECRET } : change]),
  );
}
