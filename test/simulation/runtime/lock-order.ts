/** The order in which a transaction comes to the tables that whoever changes the rules of rows locks as well. */

import type { Statement } from '../../../shared/postgres/database.js';
import { GUARDED } from '../../../shared/privileges/postgres-role.js';

/** Of any name, since who asks has only texts. */
const ORDER: readonly string[] = GUARDED;
const TABLE = /\b(?:delete from|insert into|update|from|join)\s+(?:only\s+)?([a-z_]+)/g;
/** Rare enough for whoever changes the rules to give way. */
const RARE: ReadonlySet<string | undefined> = new Set([
  // For messages that have come again.
  'ids-logged',
  // A statement of its own, of the relay.
  'outbox-lease',
]);

/** Of one transaction, or of a statement without. */
export class LockOrder {
  #furthest = -1;
  readonly #taken = new Set<string>();

  /** What is wrong about the order, or undefined. PostgreSQL locks the tables of a statement as it reads them. */
  take({ name, text }: Statement): string | undefined {
    if (RARE.has(name)) return undefined;
    for (const [, table = ''] of text.matchAll(TABLE)) {
      const place = ORDER.indexOf(table);
      if (place === -1 || this.#taken.has(table)) continue;
      if (place < this.#furthest) return `${table} is locked after ${ORDER[this.#furthest]}, which GUARDED has later`;
      this.#taken.add(table);
      this.#furthest = place;
    }
    return undefined;
  }
}
