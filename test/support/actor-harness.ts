/**
 * One actor with its states in memory. Handlers run on the runtime's own drafts, so what they publish is checked against
 * its contract and a handler that throws leaves no trace; what is missing is the broker, the batch and the database.
 */
import type { ActorDefinition } from '../../shared/actors/definition.js';
import { Draft, type Row } from '../../shared/actors/draft.js';
import type { KeyedState, Ledger } from '../../shared/actors/keyed-state.js';
import type { EffectOutgoing, Outgoing } from '../../shared/actors/outgoing.js';
import { needsOf, type StateRef } from '../../shared/actors/work.js';
import type { Contract, Payload } from '../../shared/messaging/contract.js';
import type { Personal } from '../../shared/messaging/vocabulary.js';
import { type Member, openPersonal } from '../../shared/secrets/persons.js';
import { declaredActor } from './declared-actor.js';
import { testKeyring } from './keyring.js';

/** A message that was published, or is expected to be. */
export interface Published {
  readonly type: string;
  readonly payload: unknown;
}

/** The message as it arrives: checked, and with nothing that JSON does not keep. */
export function message<C extends Contract>(contract: C, payload: Payload<C>): Published {
  return { type: contract.name, payload: JSON.parse(JSON.stringify(contract.parse(payload))) };
}

/** A message that is to be published later. */
export interface Scheduled extends Published {
  readonly afterMs: number;
}

/** A handler has run, and nothing of it is kept yet. */
export interface Performed {
  /** Keeps it, and answers what was published; undefined when a state has moved since, and then nothing is kept. */
  commit(): Published[] | undefined;
}

type Handler = (payload: unknown, states: unknown, outgoing: Outgoing | EffectOutgoing) => unknown;

export class ActorHarness {
  readonly #instance: Readonly<Record<string, unknown>>;
  readonly #actor: ActorDefinition;
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #appended = new Map<string, Row[]>();
  readonly #timers = new Map<string, Scheduled>();
  readonly #orderKeys = new Map<string, string>();

  /** @throws {TypeError} when the object's class is no actor */
  constructor(actor: object) {
    const { definition, instance } = declaredActor(actor);
    this.#actor = definition;
    this.#instance = instance;
  }

  /** Names of the messages that the actor handles. */
  get handles(): string[] {
    return [...this.#actor.handlers.keys()];
  }

  given<T>(state: KeyedState<T>, key: string, value: T): this {
    // A state's value is a record of its columns; `T` has checked which.
    this.#rows(state.table).set(key, value as Row);
    return this;
  }

  /** The key of an order, as the intake stores it. */
  givenOrderKey(orderId: string, sealedKey: string): this {
    this.#orderKeys.set(orderId, sealedKey);
    return this;
  }

  valueOf<T>(state: KeyedState<T>, key: string): T | undefined {
    return this.valuesOf(state).get(key);
  }

  /** Every value of the state, by key. */
  valuesOf<T>(state: KeyedState<T>): ReadonlyMap<string, T> {
    // Only `given` and the actor write to the table, both typed by this state.
    return this.#rows(state.table) as ReadonlyMap<string, T>;
  }

  /** What was appended to the ledger, oldest first. */
  rowsOf<T>(ledger: Ledger<T>): readonly T[] {
    // `append` takes only rows of the ledger's type.
    return (this.#appended.get(ledger.table) ?? []) as readonly T[];
  }

  /** What is to be published later. */
  get timers(): Scheduled[] {
    return [...this.#timers.values()];
  }

  /** Sets a timer that another part of the system would. */
  setTimer(timer: Published): void {
    this.#timers.set(timerKey(orderOf(timer.payload), timer.type), { ...timer, afterMs: 0 });
  }

  /** Takes a timer off, as when it is published. */
  takeTimer({ type, payload }: Published): void {
    this.#timers.delete(timerKey(orderOf(payload), type));
  }

  /** Handles the message and answers what was published. @throws what the handler throws */
  when<C extends Contract>(contract: C, payload: Payload<C>): Promise<Published[]> {
    return this.handle(message(contract, payload));
  }

  /** As `when`; a state that has moved meanwhile makes the handler run again. */
  async handle(arrived: Published): Promise<Published[]> {
    for (;;) {
      const published = (await this.perform(arrived)).commit();
      if (published) return published;
    }
  }

  /** Runs the handler without keeping what it did, as a process that dies before the commit. */
  async perform({ type, payload }: Published, signal: AbortSignal = new AbortController().signal): Promise<Performed> {
    const handler = this.#actor.handlers.get(type);
    if (!handler) throw new TypeError(`${this.#actor.name} does not handle ${type}`);
    const correlationId = orderOf(payload);
    const arrived = { id: `${type} ${correlationId}`, type, correlationId, attempt: 1, payload };
    const call = { message: arrived, handler, needs: needsOf(this.#actor, handler, arrived) };
    const seen = new Map<string, Row | undefined>();
    const lookup = ({ state, key, id }: StateRef) => {
      const row = this.#rowsOf(state).get(key);
      seen.set(id, row);
      return row;
    };
    const draft = new Draft(call, this.#actor, lookup, new Date('2026-01-01T00:00:00Z'));
    const outgoing =
      handler.kind === 'effect'
        ? draft.effectOutgoing({ signal }, (member, personal) => this.#open(correlationId, member, personal))
        : draft.outgoing();
    // The decorators have checked the method's parameters.
    await (this.#instance[handler.method] as Handler).call(this.#instance, payload, draft.states(), outgoing);
    return { commit: () => this.#keep(draft, seen) };
  }

  /** Opens with the keys that `givenOrderKey` made; what is plain needs none. */
  #open<T extends object>(orderId: string, member: Member, personal: Personal<T>): T {
    return openPersonal(testKeyring, { orderId, sealedKey: this.#orderKeys.get(orderId) }, member, personal);
  }

  #keep(draft: Draft, seen: ReadonlyMap<string, Row | undefined>): Published[] | undefined {
    const { changes, messages, timers, rows } = draft.outcome();
    for (const { ref } of changes) {
      if (seen.has(ref.id) && seen.get(ref.id) !== this.#rowsOf(ref.state).get(ref.key)) return undefined;
    }
    for (const { ref, value } of changes) this.#rowsOf(ref.state).set(ref.key, value);
    for (const { ledger, row } of rows) {
      this.#appended.set(ledger.table, [...(this.#appended.get(ledger.table) ?? []), row]);
    }
    for (const timer of timers) {
      const key = timerKey(timer.correlationId, timer.type);
      if ('afterMs' in timer) {
        this.#timers.set(key, { type: timer.type, payload: JSON.parse(timer.body), afterMs: timer.afterMs });
      } else {
        this.#timers.delete(key);
      }
    }
    return messages.map(({ type, body }) => ({ type, payload: JSON.parse(body) }));
  }

  #rowsOf(state: string): Map<string, Row> {
    return this.#rows(this.#actor.states[state]?.table ?? state);
  }

  #rows(table: string): Map<string, Row> {
    const rows = this.#tables.get(table) ?? new Map<string, Row>();
    this.#tables.set(table, rows);
    return rows;
  }
}

// Every contract of this project names its order.
const orderOf = (payload: unknown): string => (payload as { readonly orderId: string }).orderId;

const timerKey = (orderId: string, type: string): string => `${orderId} ${type}`;
