/**
 * Commits a batch in one transaction and about five statements, whatever its size: claim the inbox, load and lock the
 * states, decide, save, store the messages. One bad message harms only itself.
 */
import { InvalidMessage } from '../messaging/invalid-message.js';
import type { Message } from '../messaging/message.js';
import { failpoint } from '../observability/failpoint.js';
import type { Database, Transaction } from '../postgres/database.js';
import { type DeadLetter, fileDeadLetters, holdDeadLetters } from '../postgres/dead-letters.js';
import { databaseFailure, timedOutWaiting } from '../postgres/failure.js';
import { claimInbox, withdrawInbox } from '../postgres/inbox.js';
import { appendRows } from '../postgres/ledger-table.js';
import { storeMessages } from '../postgres/outbox.js';
import { reusedIds } from '../postgres/reused-ids.js';
import { saveTimers } from '../postgres/timers.js';
import { mustWait } from '../postgres/waiting.js';
import { heldLetterOf } from './dead-letter.js';
import type { ActorDefinition } from './definition.js';
import { Draft, type Outcome, type Row } from './draft.js';
import { TransientError } from './errors.js';
import { letterOf } from './failed-delivery.js';
import type { Ledger } from './keyed-state.js';
import { LoadedStates, type Tables } from './loaded-states.js';
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
  | { readonly kind: 'done' | 'duplicate' | 'moved' | 'held'; readonly work: Work }
  | { readonly kind: 'dead'; readonly work: Work; readonly letter: DeadLetter }
  | { readonly kind: 'failed'; readonly work: Work; readonly error: unknown };

export interface Committed {
  readonly settled: readonly Settled[];
  /** Stored, and to be sent now. */
  readonly messages: readonly Message[];
}

export interface GroupCommitOptions {
  readonly actor: ActorDefinition;
  /** The actor's instance; its methods are the handlers. */
  readonly instance: Readonly<Record<string, unknown>>;
  readonly tables: Tables;
  readonly database: Database;
  readonly outboxLeaseMs: number;
  readonly release: string;
  /** Waits before the next try while the database is away, and throws when the process has to stop. */
  readonly pause: (failures: number, error: unknown) => Promise<void>;
}

/** Times a batch is tried again at once because somebody else was faster. */
const CONFLICTS = 4;
const NOBODY: ReadonlySet<string> = new Set();

export class GroupCommit {
  readonly #options: GroupCommitOptions;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Commits the batch, in parts if it must. Rejects only when the process has to stop while the database is away. */
  async commit(batch: readonly Ready[]): Promise<Committed> {
    let unavailable = 0;
    for (let conflicts = 0; ; ) {
      try {
        return await this.#transact(batch);
      } catch (error) {
        const failure = databaseFailure(error);
        if (failure === 'unavailable') {
          unavailable += 1;
          await this.#options.pause(unavailable, error);
        } else if (failure === 'conflict' && conflicts < CONFLICTS && !timedOutWaiting(error)) {
          conflicts += 1;
        } else {
          return this.#isolate(batch, error);
        }
      }
    }
  }

  /** A statement failed for one of them: halves, down to the one. */
  async #isolate(batch: readonly Ready[], error: unknown): Promise<Committed> {
    const [first] = batch;
    if (first !== undefined && batch.length === 1) {
      return { settled: [await this.#giveUp(first.work, contended(error))], messages: [] };
    }
    const middle = Math.ceil(batch.length / 2);
    const left = await this.commit(batch.slice(0, middle));
    const right = await this.commit(batch.slice(middle));
    return { settled: [...left.settled, ...right.settled], messages: [...left.messages, ...right.messages] };
  }

  /** Filed before the next of its order is committed, if it can be. */
  async #giveUp(work: Work, error: unknown): Promise<Settled> {
    const settled = this.#refused(work, error);
    if (settled.kind !== 'dead') return settled;
    try {
      await this.#options.database.transaction((transaction) => fileDeadLetters(transaction, [settled.letter]));
      failpoint('dead-letter-filed');
      return settled;
    } catch {
      return { kind: 'failed', work, error };
    }
  }

  async #transact(batch: readonly Ready[]): Promise<Committed> {
    const { actor, database, tables, outboxLeaseMs, release } = this.#options;
    return database.transaction(async (transaction) => {
      const { fresh, letters } = await claimInbox(
        transaction,
        actor.name,
        batch.map(({ work }) => work.message.id),
      );
      failpoint('commit-claimed');
      const claimed = batch.filter(({ work }) => fresh.has(work.message.id));
      const states = await LoadedStates.load(
        transaction,
        tables,
        claimed.map(({ work }) => work),
        true,
      );
      const waiting = letters
        ? await mustWait(
            transaction,
            actor.name,
            claimed.map(({ work }) => work.message),
          )
        : NOBODY;
      const stopped = new Set<string>();
      const reused = await reusedIds(
        transaction,
        batch.flatMap(({ work: { message, delivery } }) =>
          fresh.has(message.id) ? [] : [{ id: message.id, body: delivery.content.toString() }],
        ),
      );
      const outcomes: Outcome[] = [];
      const settled = batch.map((ready): Settled => {
        const { id, correlationId } = ready.work.message;
        if (reused.has(id)) return this.#refused(ready.work, idReused(ready.work));
        if (!fresh.has(id)) return { kind: 'duplicate', work: ready.work };
        // What the outside world has done already is never put off: it would be done again.
        if (ready.prepared === undefined && (waiting.has(id) || stopped.has(correlationId)))
          return { kind: 'held', work: ready.work };
        const result = this.#take(ready, states);
        if ('outcome' in result) {
          outcomes.push(result.outcome);
          return { kind: 'done', work: ready.work };
        }
        if (result.kind === 'dead') stopped.add(correlationId);
        return result;
      });
      const left = settled
        .filter(({ kind, work }) => kind !== 'done' && fresh.has(work.message.id))
        .map(({ work }) => work.message.id);
      if (left.length > 0) await withdrawInbox(transaction, actor.name, left);
      await fileDeadLetters(
        transaction,
        settled.flatMap((one) => (one.kind === 'dead' ? [one.letter] : [])),
      );
      const at = { actor: actor.name, release };
      await holdDeadLetters(
        transaction,
        settled.flatMap(({ kind, work }) => (kind === 'held' ? [heldLetterOf(work.delivery, at)] : [])),
      );
      await states.save(transaction, tables);
      failpoint('commit-saved');
      await appendAll(transaction, outcomes);
      await saveTimers(
        transaction,
        outcomes.flatMap(({ timers }) => timers),
      );
      const messages = outcomes.flatMap((outcome) => outcome.messages);
      await storeMessages(transaction, messages, outboxLeaseMs);
      failpoint('commit-stored');
      return { settled, messages };
    });
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
      return this.#refused(work, error);
    }
  }

  #refused(work: Work, error: unknown): Settled {
    const letter = letterOf(work.delivery, error, this.#options);
    return letter === undefined ? { kind: 'failed', work, error } : { kind: 'dead', work, letter };
  }

  #decide(work: Work, states: LoadedStates): Outcome {
    const { actor, instance } = this.#options;
    const draft = new Draft(work, actor, states.valueOf, new Date());
    handlerOf(instance, work)(work.message.payload, draft.states(), draft.outgoing());
    return draft.outcome();
  }
}

/** The method that handles the work, bound to the actor's instance. */
export function handlerOf(instance: Readonly<Record<string, unknown>>, work: Work): (...args: unknown[]) => unknown {
  const method = instance[work.handler.method];
  if (typeof method !== 'function') throw new TypeError(`${work.handler.method} is no method of the actor`);
  return method.bind(instance);
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
  for (const [ledger, rows] of byLedger) await appendRows(transaction, ledger, rows);
}

function idReused({ message: { id, type } }: Work): InvalidMessage {
  return new InvalidMessage(
    'message.id-reused',
    `${type} ${id} was handled before with another body; a message id is for one message. Find out which is right; discard this one`,
  );
}

/** Nothing is wrong with a message that only came while others held its states. */
function contended(error: unknown): unknown {
  if (databaseFailure(error) !== 'conflict') return error;
  return new TransientError('state.contended', 'others hold its states; it is tried again later', { cause: error });
}
