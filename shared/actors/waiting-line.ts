/**
 * Keeps effects from being performed out of sequence: those of an order with a dead letter at the actor wait behind it.
 * Whether there are letters at all is asked at most every 100 ms. An effect that was begun before its order's letter was
 * seen is committed: it is done.
 */
import type { Database } from '../postgres/database.js';
import { hasLetters, mustWait } from '../postgres/waiting.js';
import type { Work } from './work.js';

const ASK_EVERY_MS = 100;
const NOBODY: ReadonlySet<string> = new Set();

export class WaitingLine {
  readonly #database: Database;
  readonly #actor: string;
  #askedAt = Number.NEGATIVE_INFINITY;
  #letters = false;

  constructor(database: Database, actor: string) {
    this.#database = database;
    this.#actor = actor;
  }

  /** This process has filed a letter: what was asked no longer counts. */
  forget(): void {
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  /** Message ids of those that have to wait. */
  async waiting(works: readonly Work[]): Promise<ReadonlySet<string>> {
    const now = performance.now();
    if (now - this.#askedAt >= ASK_EVERY_MS) {
      this.#letters = await hasLetters(this.#database, this.#actor);
      this.#askedAt = now;
    }
    if (!this.#letters) return NOBODY;
    return mustWait(
      this.#database,
      this.#actor,
      works.map(({ message }) => message),
    );
  }
}
