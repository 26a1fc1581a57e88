/**
 * Makes an actor's decisions on its real states, by the very code that handles deliveries, in transactions that are rolled back:
 * it tells what each would come to, and nothing of it stays.
 */
import type { Message } from '../../messaging/message.js';
import { encode } from '../../messaging/wire.js';
import type { Database, Transaction } from '../../postgres/database.js';
import type { RehearsedDecision } from '../../postgres/replay-rehearsal.js';
import type { Delivery } from '../../rabbitmq/delivery.js';
import type { Ready, Settled } from '../batch-transaction.js';
import type { ActorDefinition } from '../definition.js';
import { GroupCommit } from '../group-commit.js';
import { readWork } from '../work.js';
import { RehearsedStates } from './states.js';

export interface RehearsingActor {
  readonly actor: ActorDefinition;
  /** Its methods are the handlers. */
  readonly instance: Readonly<Record<string, unknown>>;
  readonly database: Database;
  readonly release: string;
}

export class RehearsedDecisions {
  readonly #actor: ActorDefinition;
  readonly #states: RehearsedStates;
  readonly #commits: GroupCommit;

  constructor({ actor, instance, database, release }: RehearsingActor) {
    this.#actor = actor;
    this.#states = new RehearsedStates(actor);
    this.#commits = new GroupCommit({
      actor,
      instance,
      tables: this.#states.tables,
      database: rolledBack(database, () => this.#states.begin()),
      outboxLeaseMs: 0,
      release,
      // A rehearsal can begin anew whenever the database is back.
      pause: async (_failures, error) => {
        throw error;
      },
    });
  }

  /** Some decisions were made on states as they stand, and not as those before would have left them. */
  get approximate(): boolean {
    return this.#states.approximate;
  }

  /** What the messages would come to, in their order and each after those before it, also of earlier calls. */
  async rehearse(messages: readonly Message[]): Promise<RehearsedDecision[]> {
    const batch: Ready[] = messages.map((message) => ({
      work: { ...readWork(this.#actor, deliveryOf(message)), span: undefined },
    }));
    const { settled } = await this.#commits.commit(batch);
    return settled.map((one) => {
      const { id, type, correlationId } = one.work.message;
      const { changes = [], messages = [] } = one.kind === 'done' ? one.outcome : {};
      return {
        id,
        type,
        order: correlationId,
        fails: failureOf(one),
        changes: this.#states.keep(changes),
        publishes: messages.map(({ type, body }) => ({ type, payload: JSON.parse(body) })),
      };
    });
  }
}

/** Thrown to end a transaction whose work is done. */
class RolledBack extends Error {}

/** A database on which every transaction comes to its end and leaves nothing. */
function rolledBack(database: Database, begin: () => void): Pick<Database, 'transaction'> {
  return {
    async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
      let done: { readonly result: T } | undefined;
      try {
        await database.transaction(async (transaction) => {
          begin();
          done = { result: await work(transaction) };
          throw new RolledBack();
        });
      } catch (error) {
        if (!(error instanceof RolledBack)) throw error;
      }
      if (done === undefined) throw new Error('a rehearsed transaction ended without a result');
      return done.result;
    },
  };
}

/** As it would come from the actor's queue; nobody waits for its ack. */
const deliveryOf = (message: Message): Delivery => ({
  ...encode(message),
  redelivered: false,
  live: true,
  ack: () => undefined,
  requeue: () => undefined,
});

function failureOf(settled: Settled): RehearsedDecision['fails'] {
  switch (settled.kind) {
    case 'dead':
      return { code: settled.letter.errorCode, message: settled.letter.errorMessage };
    case 'failed':
      return failed(settled.error);
    case 'held':
      return { code: 'order.waits', message: 'waits behind a dead letter of its order' };
    default:
      return null;
  }
}

function failed(error: unknown): RehearsedDecision['fails'] {
  const { code } = error as { readonly code?: unknown };
  return {
    code: typeof code === 'string' ? code : 'unexpected',
    message: error instanceof Error ? error.message : String(error),
  };
}
