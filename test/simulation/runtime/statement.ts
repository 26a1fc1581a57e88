/** A statement of the simulated database: what it does to the tables, and the rows that it answers. */
import type { Row, Tables } from './tables.js';

export interface Asked {
  readonly tables: Tables;
  /** By the database's clock. */
  readonly now: Date;
}

// Parameters are typed by who sends the statement; each of these knows its own.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Statement = (asked: Asked, ...parameters: any[]) => Row[];
