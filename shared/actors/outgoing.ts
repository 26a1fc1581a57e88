import type { Contract, Payload } from '../messaging/contract.js';
import type { Personal } from '../messaging/vocabulary.js';
import type { Member } from '../secrets/persons.js';
import type { Ledger } from './keyed-state.js';

/** The delivery that is being handled. */
export interface Incoming {
  /** Message id, UUID v7, the same at every attempt. */
  readonly id: string;
  readonly type: string;
  /** Order id. */
  readonly correlationId: string;
  /** From 1. */
  readonly attempt: number;
}

/** What a decision may do besides changing its states. All of it is committed with them, or none. */
export interface Outgoing {
  /** Publishes after the commit. @throws {InvalidMessage} when the payload does not fit the contract */
  publish<C extends Contract>(contract: C, payload: Payload<C>): void;
  /**
   * Publishes later, `afterMs` milliseconds from the commit on (up to a year): a deadline, a reminder. An order has one timer of
   * a contract at most; another takes its place. @throws {InvalidMessage} when the payload does not fit the contract
   */
  schedule<C extends Contract>(contract: C, payload: Payload<C>, when: { readonly afterMs: number }): void;
  /** Takes back the order's timer of this contract. One that was published already is on its way, and will arrive. */
  unschedule(contract: Contract): void;
  /** Adds a row to an append-only table. */
  append<T>(ledger: Ledger<T>, row: T): void;
  readonly message: Incoming;
  /** When the batch began. */
  readonly now: Date;
}

/** What an effect has in hand besides. */
export interface EffectOutgoing extends Outgoing {
  /** `<order>:<step>`: the same at every attempt, so the outside world can tell a repetition. */
  readonly idempotencyKey: string;
  /** Aborts at the effect's timeout and when the process has to stop. */
  readonly signal: AbortSignal;
  /**
   * What tells of a person, for a handler declared with `persons`. Call it where it is needed, not before.
   * @throws {PermanentError} `person.erased`
   */
  open<T extends object>(member: Member, personal: Personal<T>): T;
}
