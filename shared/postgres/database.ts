/** The pool, and transactions on it. knex's pool is the only one; hot statements run on the raw client it lends. */
import knex, { type Knex } from 'knex';
import pg from 'pg';
import { connectReason } from '../sockets/tls.js';
import { parametersOf } from './array-parameter.js';
import { connectionOptions } from './connection-options.js';
import { forgetPool, watchPool } from './pool-load.js';
import { type StatementWatch, told } from './statement-watch.js';

const ACQUIRE_TIMEOUT_MS = 10_000;
const REAP_EVERY_MS = 10_000;

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

export interface Transaction {
  query<R extends object>(statement: Statement): Promise<Rows<R>>;
}

/**
 * A transaction that is under way. Statements asked for without waiting for the answers before go out together, and are carried out in
 * their order; behind one that PostgreSQL refuses none is.
 */
export interface OpenTransaction extends Transaction {
  /**
   * Lets the commit follow statements that were asked for just now without their answers. It is not sent when asking has failed
   * already, and PostgreSQL rolls back what it is told to commit behind a statement that it refused; either way the transaction
   * rejects with the reason. For statements that tell by failing alone whether they did what they should.
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
      const unanswered = await transaction.end();
      await Promise.all([...unanswered, told(watch, 'commit', () => client.query('commit'))]);
      return result;
    } catch (error) {
      transaction.close();
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

/** A transaction as whoever works in it has it. What it keeps in mind is what several statements under way at once need. */
class OngoingTransaction implements OpenTransaction {
  readonly #transaction: Transaction;
  readonly #behind: Promise<unknown>[] = [];
  /** What failed first, of statements and of what is made of several. */
  #failure: { readonly error: unknown } | undefined;
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
      this.#failure ??= { error };
      throw error;
    }
  }

  commitBehind(statements: Promise<unknown>): void {
    statements.catch((error) => {
      this.#failure ??= { error };
    });
    this.#behind.push(statements);
  }

  /** From now on nothing more is asked for: what ran beside a failure may go on, and would stand on its own. */
  close(): void {
    this.#over = true;
  }

  /** Closes it, and returns what the commit is to be sent behind. @throws what has failed already, with no answer needed to know it */
  async end(): Promise<readonly Promise<unknown>[]> {
    this.close();
    if (this.#behind.length > 0) {
      // By then whatever fails in this process has.
      await new Promise<void>((resolve) => process.nextTick(resolve));
      if (this.#failure !== undefined) throw this.#failure.error;
    }
    return this.#behind;
  }

  /** Why the transaction failed: of statements under way at once any may reject first, those behind the one to blame included. */
  reasonOf(error: unknown): unknown {
    return error instanceof pg.DatabaseError && this.#failure !== undefined ? this.#failure.error : error;
  }
}

const NO_ROWS = { rowCount: null };

function openPool({ url, connections, applicationName, queryTimeoutMs }: DatabaseOptions): Knex {
  const opened = knex({
    client: 'pg',
    // knex passes these on to pg.Client, whose options they are.
    connection: connectionOptions(url, applicationName, queryTimeoutMs) as Knex.PgConnectionConfig,
    // Looks for idle connections seldom: each look wakes the process.
    pool: { min: 0, max: connections, reapIntervalMillis: REAP_EVERY_MS },
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
