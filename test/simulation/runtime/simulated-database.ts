/**
 * A database in memory, one transaction at a time. It promises what PostgreSQL promises: what was committed stays, what was not
 * leaves no trace; and a connection may break anywhere, also between a commit and its answer.
 */
import { DatabaseError } from 'pg';
import { databaseError, deadlock, inFailedTransaction } from './database-errors.js';
import { LockOrder } from './lock-order.js';
import { NATURE } from './scheduler.js';
import { execute } from './statements.js';
import { type Row, Tables } from './tables.js';
import type { World } from './world.js';

export interface Query {
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly unknown[];
}

export interface Answer {
  readonly rows: Row[];
  readonly rowCount: number;
}

/** As the real setting does, in the simulation's measure, in milliseconds. */
const IDLE_IN_TRANSACTION_MS = 10_000;
const LONGEST_AWAY_MS = 3_000;
const NOTHING: Answer = { rows: [], rowCount: 0 };

/** The server's side of one connection. */
export interface Session {
  transaction: 'none' | 'open' | 'failed';
  /** Of its transaction. */
  locks: LockOrder;
  alive: boolean;
  /** Tells the client that the connection is gone. */
  readonly onBroken: () => void;
}

type Reply = (outcome: Answer | Error) => void;

export class SimulatedDatabase {
  readonly tables = new Tables();
  readonly #world: World;
  readonly #sessions = new Set<Session>();
  /** Whose transaction is open; the others wait for it. */
  #holder: Session | undefined;
  #waiting: { readonly session: Session; readonly go: () => void }[] = [];
  #awayUntilMs = 0;
  #transactions = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** True while nobody can connect. */
  get away(): boolean {
    return this.#world.scheduler.nowMs < this.#awayUntilMs;
  }

  /** No transaction is open, and nobody waits for one. */
  get quiet(): boolean {
    return this.#holder === undefined && this.#waiting.length === 0;
  }

  connect(onBroken: () => void): Session {
    const session: Session = { transaction: 'none', locks: new LockOrder(), alive: true, onBroken };
    this.#sessions.add(session);
    return session;
  }

  /** The client is gone: what it has not committed never was. */
  end(session: Session): void {
    if (!session.alive) return;
    session.alive = false;
    this.#sessions.delete(session);
    this.#waiting = this.#waiting.filter((one) => one.session !== session);
    this.#finish(session, 'rollback');
  }

  /** What may become of the server now: it restarts, and takes every connection along. */
  suffer(): void {
    if (!this.#world.happens('database-is-away', 150)) return;
    this.#awayUntilMs = this.#world.scheduler.nowMs + this.#world.chance.between(50, LONGEST_AWAY_MS);
    for (const session of [...this.#sessions]) this.#break(session);
  }

  /** Carries out what has arrived, as soon as it is its turn. */
  ask(session: Session, query: Query, reply: Reply): void {
    if (!session.alive) return;
    if (query.text === 'commit' || query.text === 'rollback') this.#end(session, query.text, reply);
    else if (this.#holder === session || this.#holder === undefined) this.#take(session, query, reply);
    else this.#waiting.push({ session, go: () => this.#take(session, query, reply) });
  }

  #take(session: Session, query: Query, reply: Reply): void {
    if (this.#world.happens('statement-loses-its-connection', 150)) this.#break(session);
    else reply(this.#execute(session, query));
    this.#next();
  }

  #execute(session: Session, query: Query): Answer | Error {
    if (/^begin(?:;|$)/.test(query.text)) {
      session.transaction = 'open';
      session.locks = new LockOrder();
      this.#holder = session;
      this.#watch(session);
      return NOTHING;
    }
    if (session.transaction === 'failed') return inFailedTransaction();
    const locks = session.transaction === 'open' ? session.locks : new LockOrder();
    const disorder = locks.take(query);
    if (disorder !== undefined) this.#world.wrong(disorder);
    try {
      if (session.transaction === 'open' && this.#world.happens('statement-deadlocks', 150)) throw deadlock();
      const rows = execute({ tables: this.tables, now: new Date() }, query);
      if (session.transaction === 'none') this.tables.commit();
      return { rows, rowCount: rows.length };
    } catch (error) {
      if (session.transaction === 'open') session.transaction = 'failed';
      else this.tables.rollback();
      if (error instanceof DatabaseError) return error;
      // A fault of the simulation, and not of what it simulates.
      const { message } = error as Error;
      this.#world.wrong(message);
      return databaseError('42601', message);
    }
  }

  #end(session: Session, how: 'commit' | 'rollback', reply: Reply): void {
    // PostgreSQL answers the commit of a failed transaction by rolling it back.
    const committing = how === 'commit' && session.transaction === 'open';
    if (committing && this.#world.happens('commit-is-unknown-and-was-not-made', 80)) {
      this.#break(session);
      return;
    }
    this.#finish(session, committing ? 'commit' : 'rollback');
    if (committing && this.#world.happens('commit-is-unknown-and-was-made', 80)) this.#break(session);
    else reply(NOTHING);
  }

  #finish(session: Session, how: 'commit' | 'rollback'): void {
    session.transaction = 'none';
    if (this.#holder !== session) return;
    if (how === 'commit') this.tables.commit();
    else this.tables.rollback();
    this.#holder = undefined;
    this.#next();
  }

  #next(): void {
    while (this.#holder === undefined) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      next.go();
    }
  }

  #break(session: Session): void {
    this.end(session);
    session.onBroken();
  }

  /** Whoever stands still in a transaction does not hold the others up for ever. */
  #watch(session: Session): void {
    const number = ++this.#transactions;
    this.#world.after(IDLE_IN_TRANSACTION_MS, NATURE, () => {
      if (this.#holder === session && this.#transactions === number) this.#break(session);
    });
  }
}
