/**
 * Makes an actor's decisions on its real states, by the very code that handles deliveries, in transactions that are rolled back:
 * it tells what each would come to, and nothing of it stays.
 */
import type { Message } from '../../messaging/message.js';
import { encode } from '../../messaging/wire.js';
import type { Database, OpenTransaction } from '../../postgres/database.js';
import type { RehearsedDecision, StateChange } from '../../postgres/replay-rehearsal.js';
import type { Delivery } from '../../rabbitmq/delivery.js';
import type { Committed, Ready, Settled } from '../batch-transaction.js';
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
  /** Of the present batch, by message id. */
  readonly #changes = new Map<string, StateChange[]>();

  constructor({ actor, instance, database, release }: RehearsingActor) {
    this.#actor = actor;
    this.#states = new RehearsedStates(actor);
    this.#commits = new GroupCommit({
      actor,
      instance,
      tables: this.#states.tables,
      database: rolledBack(database, { begin: () => this.#states.begin(), done: (result) => this.#keep(result) }),
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
    this.#changes.clear();
    const { settled } = await this.#commits.commit(batch);
    return settled.map((one) => {
      const { id, type, correlationId } = one.work.message;
      const messages = one.kind === 'done' ? one.outcome.messages : [];
      return {
        id,
        type,
        order: correlationId,
        fails: failureOf(one),
        changes: this.#changes.get(id) ?? [],
        publishes: messages.map(({ type, body }) => ({ type, payload: JSON.parse(body) })),
      };
    });
  }

  /** Kept at once: when a batch is split, its second half comes after its first. */
  #keep(result: unknown): void {
    if (!isCommitted(result)) return;
    for (const one of result.settled)
      if (one.kind === 'done') this.#changes.set(one.work.message.id, this.#states.keep(one.outcome.changes));
  }
}

/** What a transaction of `BatchTransaction` resolves to; others resolve to nothing. */
const isCommitted = (result: unknown): result is Committed =>
  typeof result === 'object' && result !== null && 'settled' in result;

/** Thrown to end a transaction whose work is done. */
class RolledBack extends Error {}

interface Rehearsing {
  readonly begin: () => void;
  readonly done: (result: unknown) => void;
}

/** A database on which every transaction comes to its end and leaves nothing. */
function rolledBack(database: Database, { begin, done }: Rehearsing): Pick<Database, 'transaction'> {
  return {
    async transaction<T>(work: (transaction: OpenTransaction) => Promise<T>): Promise<T> {
      let ended: { readonly result: T } | undefined;
      try {
        await database.transaction(async (transaction) => {
          begin();
          ended = { result: await work(transaction) };
          throw new RolledBack();
        });
      } catch (error) {
        if (!(error instanceof RolledBack)) throw error;
      }
      if (ended === undefined) throw new Error('a rehearsed transaction ended without a result');
      done(ended.result);
      return ended.result;
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
