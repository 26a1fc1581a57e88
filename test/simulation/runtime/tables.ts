/** The tables of the simulated database. What a transaction changes can be taken back until it is committed. */
export type Row = Readonly<Record<string, unknown>>;

const NO_ROWS: readonly Row[] = [];

export class Tables {
  readonly #tables = new Map<string, Map<string, Row>>();
  /** How to take back what the present transaction did, the first first. */
  #undo: (() => void)[] = [];

  get(table: string, key: string): Row | undefined {
    return this.#rows(table).get(key);
  }

  /** The row under the key, or none. */
  find(table: string, key: string): readonly Row[] {
    const row = this.get(table, key);
    return row === undefined ? NO_ROWS : [row];
  }

  all(table: string): Row[] {
    return [...this.#rows(table).values()];
  }

  keys(table: string): string[] {
    return [...this.#rows(table).keys()];
  }

  put(table: string, key: string, row: Row): void {
    this.#remember(table, key);
    this.#rows(table).set(key, row);
  }

  /** Changes some columns of the row under the key. */
  update(table: string, key: string, columns: Row): void {
    this.put(table, key, { ...this.get(table, key), ...columns });
  }

  delete(table: string, key: string): boolean {
    this.#remember(table, key);
    return this.#rows(table).delete(key);
  }

  commit(): void {
    this.#undo = [];
  }

  rollback(): void {
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  #remember(table: string, key: string): void {
    const rows = this.#rows(table);
    const before = rows.get(key);
    this.#undo.push(() => {
      if (before === undefined) rows.delete(key);
      else rows.set(key, before);
    });
  }

  #rows(table: string): Map<string, Row> {
    const rows = this.#tables.get(table) ?? new Map<string, Row>();
    this.#tables.set(table, rows);
    return rows;
  }
}
