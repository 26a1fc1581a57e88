/** The pool, and transactions on it. knex's pool is the only one; hot statements run on the raw client it lends. */
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { connectReason } from '../sockets/tls.js';
import { parametersOf } from './array-parameter.js';
import { connectionOptions } from './connection-options.js';
import { forgetPool, watchPool } from './pool-load.js';
import { type StatementWatch, told } from './statement-watch.js';

const ACQUIRE_TIMEOUT_MS = 10_000;

/** A statement with `$1` placeholders; one with a name is prepared once a connection. */
export interface Statement {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface Rows<R> {
  readonly rows: R[];
  readonly rowCount: number;
}

/**
 * Statements asked for without waiting for the answers before go out together, and are carried out in their order; behind one that
 * fails none is.
 */
export interface Transaction {
  query<R extends object>(statement: Statement): Promise<Rows<R>>;
}

/** A transaction whose end can be asked for before all of its statements are answered. */
export interface OpenTransaction extends Transaction {
  /**
   * Lets the commit follow statements at once that were asked for just now. PostgreSQL rolls back what it is told to commit behind
   * a statement that failed, and the transaction rejects with what the statement failed for; so they must tell by failing.
   */
  commitBehind(statements: Promise<unknown>): void;
}

/** What a statement or a transaction can be asked of: a database, or what a storefront may see of it. */
export interface Asked extends Transaction {
  transaction<T>(work: (transaction: OpenTransaction) => Promise<T>, watch?: StatementWatch): Promise<T>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections opened at most. */
  readonly connections: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** For an answer, in milliseconds: for a session that gives its statements longer than 30 s. @default 35_000 */
  readonly queryTimeoutMs?: number;
}

// bigint arrives as a number: amounts and counts here stay below 2^53, and a column that passed it would be refused.
pg.types.setTypeParser(pg.types.builtins.INT8, (value) => {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is above 2^53 and cannot be read exactly`);
  return number;
});

export class Database implements Asked {
  /** For migrations and queries that are not hot. */
  readonly knex: Knex;

  /** @param pool lends the clients; a simulation has one of its own */
  constructor(options: DatabaseOptions, pool: Knex = openPool(options)) {
    this.knex = pool;
  }

  /**
   * Runs `work` in one transaction: committed when it resolves, rolled back when it throws. Read committed.
   * A commit whose answer is lost rejects as unavailable; whether it took effect is for unique keys to decide.
   * @param watch is told of each statement
   * @param local settings that hold until the transaction ends, as `name = value` in SQL: they go out with its beginning
   */
  async transaction<T>(
    work: (transaction: OpenTransaction) => Promise<T>,
    watch?: StatementWatch,
    local: readonly string[] = [],
  ): Promise<T> {
    const begin = ['begin', ...local.map((setting) => `set local ${setting}`)].join('; ');
    const client = await this.#borrow();
    const transaction = new OngoingTransaction(transactionOn(client, watch));
    let usable = true;
    try {
      await told(watch, 'begin', async () => {
        await client.query(begin);
        return NO_ROWS;
      });
      const result = await work(transaction);
      await Promise.all([...transaction.end(), told(watch, 'commit', () => client.query('commit'))]);
      return result;
    } catch (error) {
      transaction.end();
      usable = await rolledBack(client);
      throw transaction.reasonOf(error);
    } finally {
      await this.#giveBack(client, usable);
    }
  }

  /** Runs one statement on its own. */
  async query<R extends object>(statement: Statement): Promise<Rows<R>> {
    const client = await this.#borrow();
    let usable = true;
    try {
      return await transactionOn(client).query<R>(statement);
    } catch (error) {
      usable = error instanceof pg.DatabaseError;
      throw error;
    } finally {
      await this.#giveBack(client, usable);
    }
  }

  async close(): Promise<void> {
    forgetPool(this.knex.client.pool);
    await this.knex.destroy();
  }

  async #borrow(): Promise<pg.Client> {
    try {
      return await this.knex.client.acquireConnection();
    } catch (error) {
      // What a certificate is refused for is only a code without it.
      if (error instanceof Error) error.message = connectReason(error, 'DATABASE');
      throw error;
    }
  }

  async #giveBack(client: pg.Client, usable: boolean): Promise<void> {
    // An ended client is found out by the pool and replaced; ending may itself hang on a dead socket.
    if (!usable) void client.end().catch(() => undefined);
    await this.knex.client.releaseConnection(client);
  }
}

/** What PostgreSQL says of every statement behind one that failed (in_failed_sql_transaction). */
const ABORTED = '25P02';

/** A transaction as whoever works in it has it. What it keeps in mind is what several statements under way at once need. */
class OngoingTransaction implements OpenTransaction {
  readonly #transaction: Transaction;
  readonly #behind: Promise<unknown>[] = [];
  #failure: unknown;
  #over = false;

  /** @param transaction carries the statements out */
  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  async query<R extends object>(statement: Statement): Promise<Rows<R>> {
    if (this.#over) throw new Error(`${statement.name ?? 'a statement'} came after the end of its transaction`);
    try {
      return await this.#transaction.query<R>(statement);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  commitBehind(statements: Promise<unknown>): void {
    // Told where it is waited for, should the work fail first.
    statements.catch(() => undefined);
    this.#behind.push(statements);
  }

  /**
   * From now on nothing more is asked for: what ran beside a failure may go on, and would stand on its own. Returns what the commit
   * is to be sent behind.
   */
  end(): readonly Promise<unknown>[] {
    this.#over = true;
    return this.#behind;
  }

  /** What the transaction failed for, where `error` only says that it had failed before. */
  reasonOf(error: unknown): unknown {
    return error instanceof pg.DatabaseError && error.code === ABORTED ? (this.#failure ?? error) : error;
  }
}

const NO_ROWS = { rowCount: null };

function openPool({ url, connections, applicationName, queryTimeoutMs }: DatabaseOptions): Knex {
  const opened = knex({
    client: 'pg',
    // knex passes these on to pg.Client, whose options they are.
    connection: connectionOptions(url, applicationName, queryTimeoutMs) as Knex.PgConnectionConfig,
    pool: { min: 0, max: connections },
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // A lost connection is told to whoever used it; knex would print it past the log as well.
    log: { warn: () => undefined, error: () => undefined },
  });
  watchPool(opened.client.pool);
  return opened;
}

function transactionOn(client: pg.Client, watch?: StatementWatch): Transaction {
  return {
    async query<R extends object>({ values = [], ...statement }: Statement): Promise<Rows<R>> {
      const config = { ...statement, values: parametersOf(statement.text, values) };
      const { rows, rowCount } = await told(watch, statement.name ?? 'unnamed', () => client.query<R>(config));
      return { rows, rowCount: rowCount ?? 0 };
    },
  };
}

/** False when not even that works: the connection is lost, and with it the transaction. */
async function rolledBack(client: pg.Client): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}
