/**
 * One transaction for a batch, whatever its size, in which PostgreSQL is as a rule waited for twice: claim the inbox, load and lock
 * the states; decide; save, store the messages. A decision that throws is taken out of the batch; a statement that fails fails all of it.
 */
import { InvalidMessage } from '../messaging/invalid-message.js';
import type { Message } from '../messaging/message.js';
import { BatchSpan } from '../observability/batch-span.js';
import { failpoint } from '../observability/failpoint.js';
import type { Database, Transaction } from '../postgres/database.js';
import { type DeadLetter, fileDeadLetters } from '../postgres/dead-letters.js';
import { claimInbox, withdrawInbox } from '../postgres/inbox.js';
import { appendRows } from '../postgres/ledger-table.js';
import { storeMessages } from '../postgres/outbox.js';
import { reusedIds } from '../postgres/reused-ids.js';
import type { StatementWatch } from '../postgres/statement-watch.js';
import { saveTimers } from '../postgres/timers.js';
import { mustWait } from '../postgres/waiting.js';
import { heldLetterOf } from './dead-letter.js';
import type { ActorDefinition } from './definition.js';
import { Draft, type Outcome, type Row } from './draft.js';
import { orderUnknown } from './errors.js';
import { letterOf } from './failed-delivery.js';
import { handlerOf } from './handler.js';
import type { Ledger } from './keyed-state.js';
import { LoadedStates, type Tables } from './loaded-states.js';
import { ofUnknownOrders } from './unknown-orders.js';
import type { Work } from './work.js';

/** What an effect brought back from outside, and the versions of the states it was told of. */
export interface Prepared {
  readonly outcome: Outcome;
  /** In the order of the work's references. */
  readonly versions: readonly number[];
}

/** Work whose turn it is: a decision yet to be made, or an effect that was performed. */
export interface Ready {
  readonly work: Work;
  readonly prepared?: Prepared;
}

/**
 * What became of a work:
 * - `done`: committed now. - `duplicate`: committed before. - `moved`: its state changed since the effect was performed.
 * - `held`: its order has a dead letter at this actor; it is filed behind it. - `dead`: given up, and filed with its error.
 * - `failed`: nothing of it was committed.
 */
export type Settled =
  | { readonly kind: 'done'; readonly work: Work; readonly outcome: Outcome }
  | { readonly kind: 'duplicate' | 'moved' | 'held'; readonly work: Work }
  | { readonly kind: 'dead'; readonly work: Work; readonly letter: DeadLetter }
  | { readonly kind: 'failed'; readonly work: Work; readonly error: unknown };

export interface Committed {
  readonly settled: readonly Settled[];
  /** Stored, and to be sent now. */
  readonly messages: readonly Message[];
}

/** Ids of messages. */
interface Claimed {
  /** Nobody had handled them. */
  readonly fresh: ReadonlySet<string>;
  /** A dead letter of their order stands ahead of them. */
  readonly waiting: ReadonlySet<string>;
  /** Others were handled under them. */
  readonly reused: ReadonlySet<string>;
  /** Their handlers want an order that is not stored. */
  readonly unknown: ReadonlySet<string>;
}

export interface BatchTransactionOptions {
  readonly actor: ActorDefinition;
  /** The actor's instance; its methods are the handlers. */
  readonly instance: Readonly<Record<string, unknown>>;
  readonly tables: Tables;
  readonly database: Pick<Database, 'transaction'>;
  readonly outboxLeaseMs: number;
  readonly release: string;
}

const NOBODY: ReadonlySet<string> = new Set();

export class BatchTransaction {
  readonly #options: BatchTransactionOptions;

  constructor(options: BatchTransactionOptions) {
    this.#options = options;
  }

  /** All of the batch, or nothing when a statement fails. */
  async commit(batch: readonly Ready[]): Promise<Committed> {
    const span = this.#spanOf(batch);
    if (span === undefined) return this.#commit(batch);
    try {
      const committed = await this.#commit(batch, span.watch);
      span.end();
      return committed;
    } catch (error) {
      span.end(error);
      throw error;
    }
  }

  #spanOf(batch: readonly Ready[]): BatchSpan | undefined {
    const span = BatchSpan.begin(this.#options.actor.name, () => batch.map(({ work }) => work.span?.context));
    if (span !== undefined) for (const { work } of batch) work.span?.committedIn(span.context);
    return span;
  }

  async #commit(batch: readonly Ready[], watch?: StatementWatch): Promise<Committed> {
    const { actor, database, tables, outboxLeaseMs } = this.#options;
    return database.transaction(async (transaction) => {
      const messages = batch.map(({ work }) => work.message);
      const ids = messages.map(({ id }) => id);
      const works = batch.map(({ work }) => work);
      const [{ fresh, letters }, states, unknown] = await Promise.all([
        claimInbox(transaction, actor.name, ids),
        LoadedStates.load(transaction, tables, works, true),
        // What was performed is not asked about: it was before.
        ofUnknownOrders(
          transaction,
          batch.flatMap(({ work, prepared }) => (prepared === undefined ? [work] : [])),
        ),
      ]);
      failpoint('commit-claimed');
      const claimed = messages.filter(({ id }) => fresh.has(id));
      const waiting = letters ? await mustWait(transaction, actor.name, claimed) : NOBODY;
      const reused = await reusedIds(
        transaction,
        batch.flatMap(({ work: { message, delivery } }) =>
          fresh.has(message.id) ? [] : [{ id: message.id, body: delivery.content.toString() }],
        ),
      );
      const { settled, outcomes } = this.#settle(batch, { fresh, waiting, reused, unknown }, states);
      await this.#leaveOut(transaction, settled, fresh);
      const timers = outcomes.flatMap((outcome) => outcome.timers);
      const decided = outcomes.flatMap((outcome) => outcome.messages);
      const saved = states.save(transaction, tables);
      const stored = Promise.all([
        appendAll(transaction, outcomes),
        saveTimers(transaction, timers),
        storeMessages(transaction, decided, outboxLeaseMs),
      ]);
      stored.catch(() => undefined);
      // First: what is decided on a state that has moved meanwhile may fail for that alone.
      await saved;
      failpoint('commit-saved');
      await stored;
      failpoint('commit-stored');
      return { settled, messages: decided };
    }, watch);
  }

  /** Each in its turn, on the states as those before it have left them. */
  #settle(batch: readonly Ready[], { fresh, waiting, reused, unknown }: Claimed, states: LoadedStates) {
    const stopped = new Set<string>();
    const outcomes: Outcome[] = [];
    const settled = batch.map((ready): Settled => {
      const { work, prepared } = ready;
      const { id, correlationId } = work.message;
      if (reused.has(id)) return this.refused(work, idReused(work));
      if (!fresh.has(id)) return { kind: 'duplicate', work };
      // What the outside world has done already is never put off: it would be done again.
      if (prepared === undefined && (waiting.has(id) || stopped.has(correlationId))) return { kind: 'held', work };
      const result = unknown.has(id) ? this.refused(work, orderUnknown(correlationId)) : this.#take(ready, states);
      if ('outcome' in result) {
        outcomes.push(result.outcome);
        return { kind: 'done', work, outcome: result.outcome };
      }
      if (result.kind === 'dead') stopped.add(correlationId);
      return result;
    });
    return { settled, outcomes };
  }

  /** Gives up the claims of those that were not handled, and files those that are not to be tried again. */
  async #leaveOut(transaction: Transaction, settled: readonly Settled[], fresh: ReadonlySet<string>): Promise<void> {
    const { actor, release } = this.#options;
    const unhandled = settled
      .filter(({ kind, work }) => kind !== 'done' && fresh.has(work.message.id))
      .map(({ work }) => work.message.id);
    if (unhandled.length > 0) await withdrawInbox(transaction, actor.name, unhandled);
    const at = { actor: actor.name, release };
    await fileDeadLetters(
      transaction,
      settled.flatMap((one) => (one.kind === 'dead' ? [one.letter] : [])),
      settled.flatMap(({ kind, work }) => (kind === 'held' ? [heldLetterOf(work.delivery, at)] : [])),
    );
  }

  /** What follows of a work that cannot be done: it is given up, or to be tried again. */
  refused(work: Work, error: unknown): Settled {
    const letter = letterOf(work.delivery, error, this.#options);
    return letter === undefined ? { kind: 'failed', work, error } : { kind: 'dead', work, letter };
  }

  /** Decides, or takes over what the effect brought if its states are still the same. */
  #take({ work, prepared }: Ready, states: LoadedStates): { readonly outcome: Outcome } | Settled {
    try {
      const outcome =
        work.handler.kind === 'decision'
          ? this.#decide(work, states)
          : // Not performed, as its order was waiting: now it may be.
            prepared !== undefined && stillCurrent(work, prepared, states)
            ? prepared.outcome
            : undefined;
      if (outcome === undefined) return { kind: 'moved', work };
      states.apply(outcome.changes);
      return { outcome };
    } catch (error) {
      return this.refused(work, error);
    }
  }

  #decide(work: Work, states: LoadedStates): Outcome {
    const { actor, instance } = this.#options;
    const draft = new Draft(work, actor, states.valueOf, new Date());
    handlerOf(instance, work)(work.message.payload, draft.states(), draft.outgoing());
    return draft.outcome();
  }
}

function stillCurrent({ refs }: Work, { versions }: Prepared, states: LoadedStates): boolean {
  return refs.every((ref, index) => states.versionOf(ref) === versions[index]);
}

async function appendAll(transaction: Transaction, outcomes: readonly Outcome[]): Promise<void> {
  const byLedger = new Map<Ledger, Row[]>();
  for (const { rows } of outcomes) {
    for (const { ledger, row } of rows) {
      const rowsOf = byLedger.get(ledger) ?? [];
      rowsOf.push(row);
      byLedger.set(ledger, rowsOf);
    }
  }
  await Promise.all([...byLedger].map(([ledger, rows]) => appendRows(transaction, ledger, rows)));
}

function idReused({ message: { id, type } }: Work): InvalidMessage {
  return new InvalidMessage(
    'message.id-reused',
    `${type} ${id} was handled before with another body; a message id is for one message. Find out which is right; discard this one`,
  );
}
