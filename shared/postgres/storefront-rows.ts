/**
 * The only door for what storefronts ask: whatever comes through it sees and changes the rows of the storefronts that it was
 * opened for, and no others. Row-level security sees to that (docs/adr/0030-rows-of-a-storefront.md), whatever a statement
 * says; each still says itself whose rows it means.
 */
import { validate } from 'uuid';
import type { Asked, Database, Rows, Statement, Transaction } from './database.js';

export class StorefrontRows {
  readonly #database: Pick<Database, 'transaction'>;

  constructor(database: Pick<Database, 'transaction'>) {
    this.#database = database;
  }

  /**
   * For the storefronts with the ids, of which a batch may have several; for none, nothing is there.
   * @throws {TypeError} for what is no id
   */
  of(...storefrontIds: readonly string[]): Asked {
    const database = this.#database;
    const local = [settingOf(storefrontIds)];
    return {
      transaction: (work, watch) => database.transaction(work, watch, local),
      /** In a transaction of its own: the setting ends with it, also where a pooler lends the session to others. */
      query: <R extends object>(statement: Statement): Promise<Rows<R>> =>
        database.transaction((transaction) => transaction.query<R>(statement), undefined, local),
    };
  }
}

/** False for a superuser, and for whoever else is above row-level security: the tables hide nothing from these. */
export async function hidesRows(database: Transaction): Promise<boolean> {
  const { rows } = await database.query<{ hides: boolean }>({
    text: 'select not (rolsuper or rolbypassrls) as hides from pg_roles where rolname = current_user',
  });
  return rows[0]?.hides === true;
}

/** It becomes a part of a statement: an id is nothing but hexadecimal digits and dashes. */
function settingOf(storefrontIds: readonly string[]): string {
  const ids = [...new Set(storefrontIds)];
  const wrong = ids.find((id) => !validate(id));
  if (wrong !== undefined) throw new TypeError(`${JSON.stringify(wrong)} is no id of a storefront`);
  return `warren.storefronts = '{${ids.join(',')}}'`;
}
