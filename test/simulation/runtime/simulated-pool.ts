/** A process's pool of connections to the simulated database, and the clients that it lends, as far as `Database` uses them. */
import type { Knex } from 'knex';
import { Database } from '../../../shared/postgres/database.js';
import { connectionLost, connectionRefused } from './database-errors.js';
import { titleOf } from './keyed-statements.js';
import type { Answer, Query, Session, SimulatedDatabase } from './simulated-database.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

const CONNECTIONS = 2;

/** The project's own `Database`, for a simulated process on a simulated server. */
export function databaseOf(world: World, server: SimulatedDatabase, process: SimulatedProcess): Database {
  const pool = new SimulatedPool(world, server, process);
  // Of knex the database asks only for its pool.
  return new Database({ url: '', connections: CONNECTIONS, applicationName: process.name }, {
    client: pool,
  } as unknown as Knex);
}

class SimulatedPool {
  readonly #world: World;
  readonly #server: SimulatedDatabase;
  readonly #process: SimulatedProcess;
  #idle: SimulatedClient[] = [];
  #lent = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(world: World, server: SimulatedDatabase, process: SimulatedProcess) {
    this.#world = world;
    this.#server = server;
    this.#process = process;
  }

  async acquireConnection(): Promise<SimulatedClient> {
    while (this.#lent >= CONNECTIONS) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#lent += 1;
    const idle = this.#idle.find(({ usable }) => usable);
    this.#idle = this.#idle.filter((client) => client.usable && client !== idle);
    if (idle !== undefined) return idle;
    try {
      return await this.#connect();
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  async releaseConnection(client: SimulatedClient): Promise<void> {
    if (client.usable) this.#idle.push(client);
    this.#release();
  }

  #release(): void {
    this.#lent -= 1;
    this.#waiting.shift()?.();
  }

  #connect(): Promise<SimulatedClient> {
    return new Promise((resolve, reject) => {
      this.#world.after(this.#world.latencyMs(), this.#process, () => {
        if (this.#server.away) reject(connectionRefused());
        else resolve(new SimulatedClient(this.#world, this.#server, this.#process));
      });
    });
  }
}

/** Those of keyed states are named by a hash. */
const title = ({ name = 'keyed-', text }: Query): string => {
  if (!name.startsWith('keyed-')) return name;
  const known = titles.get(text) ?? titleOf(text);
  titles.set(text, known);
  return known;
};
const titles = new Map<string, string>();

interface Asked {
  readonly query: Query;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
  answer: Answer | Error | undefined;
}

class SimulatedClient {
  readonly #world: World;
  readonly #server: SimulatedDatabase;
  readonly #process: SimulatedProcess;
  readonly #session: Session;
  /** What the server has not been asked for yet: it takes one after the other. */
  #asked: Asked[] = [];
  #running = false;
  /** Without an answer so far; they come in the order of the statements. */
  #unanswered: Asked[] = [];
  #usable = true;

  constructor(world: World, server: SimulatedDatabase, process: SimulatedProcess) {
    this.#world = world;
    this.#server = server;
    this.#process = process;
    this.#session = server.connect(() => world.after(world.latencyMs(), process, () => this.#broken()));
    // What it had sent may still arrive before the server notices.
    process.onDeath(() => world.soon(() => server.end(this.#session)));
  }

  get usable(): boolean {
    return this.#usable;
  }

  query(asked: Query | string): Promise<Answer> {
    const query = typeof asked === 'string' ? { text: asked } : asked;
    return new Promise((resolve, reject) => {
      if (!this.#process.acts(`asks ${title(query)}`)) return;
      if (!this.#usable) return reject(connectionLost());
      const asked: Asked = { query, resolve, reject, answer: undefined };
      this.#asked.push(asked);
      this.#unanswered.push(asked);
      if (!this.#running) this.#next();
    });
  }

  #next(): void {
    const next = this.#asked.shift();
    this.#running = next !== undefined;
    if (next === undefined) return;
    this.#world.soon(() => {
      this.#server.ask(this.#session, next.query, (outcome) => {
        this.#world.after(this.#world.latencyMs(), this.#process, () => this.#answered(next, outcome));
        this.#next();
      });
    });
  }

  #answered(asked: Asked, outcome: Answer | Error): void {
    asked.answer = outcome;
    for (;;) {
      const [first] = this.#unanswered;
      if (first?.answer === undefined) return;
      this.#unanswered.shift();
      if (first.answer instanceof Error) first.reject(first.answer);
      else first.resolve(first.answer);
    }
  }

  async end(): Promise<void> {
    this.#usable = false;
    this.#world.soon(() => this.#server.end(this.#session));
  }

  #broken(): void {
    this.#usable = false;
    this.#asked = [];
    for (const { reject } of this.#unanswered.splice(0)) reject(connectionLost());
  }
}
