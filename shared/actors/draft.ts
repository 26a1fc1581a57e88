/**
 * What one handler sees and does: states it may change, messages it publishes, rows it appends. Nothing of it counts
 * before the handler has returned; a handler that throws leaves no trace.
 */
import type { Contract, Payload } from '../messaging/contract.js';
import { type Message, newMessage } from '../messaging/message.js';
import { newTimer } from '../messaging/timer.js';
import type { TimerChange } from '../postgres/timers.js';
import type { ActorDefinition } from './definition.js';
import type { Ledger, State, States } from './keyed-state.js';
import type { EffectOutgoing, Incoming, Outgoing } from './outgoing.js';
import type { Call, Needed, StateRef } from './work.js';

export type Row = Readonly<Record<string, unknown>>;

/** The value of a state before the handler ran; undefined when there is none. */
export type Lookup = (ref: StateRef) => Row | undefined;

export interface Change {
  readonly ref: StateRef;
  readonly value: Row;
}

/** All that follows from a handler that returned. */
export interface Outcome {
  readonly changes: readonly Change[];
  readonly messages: readonly Message[];
  readonly timers: readonly TimerChange[];
  readonly rows: readonly { readonly ledger: Ledger; readonly row: Row }[];
}

export class Draft {
  readonly #call: Call;
  readonly #actor: ActorDefinition;
  readonly #lookup: Lookup;
  readonly #now: Date;
  /** By the id of their reference. */
  readonly #changes = new Map<string, Change>();
  readonly #messages: Message[] = [];
  readonly #timers: TimerChange[] = [];
  readonly #rows: { ledger: Ledger; row: Row }[] = [];

  constructor(call: Call, actor: ActorDefinition, lookup: Lookup, now: Date) {
    this.#call = call;
    this.#actor = actor;
    this.#lookup = lookup;
    this.#now = now;
  }

  /** The handler's second argument: the state itself, or the states by name. */
  states(): unknown {
    const [first] = this.#call.needs;
    if (this.#actor.single && first !== undefined) return this.#view(first);
    return Object.fromEntries(this.#call.needs.map((needed) => [needed.state, this.#view(needed)]));
  }

  /** A decision's third argument. */
  outgoing(): Outgoing {
    return new DecisionOutgoing(this, this.#call.message, this.#now);
  }

  /** An effect's third argument. */
  effectOutgoing(deadline: { readonly signal: AbortSignal }, open: EffectOutgoing['open']): EffectOutgoing {
    const { message, handler } = this.#call;
    return new DraftedEffect(this, message, this.#now, `${message.correlationId}:${handler.step}`, deadline, open);
  }

  publish<C extends Contract>(contract: C, payload: Payload<C>): void {
    const { id, correlationId } = this.#call.message;
    const from = { correlationId, causationId: id, producer: this.#actor.name, occurredAt: this.#now };
    this.#messages.push(newMessage(contract, payload, from));
  }

  schedule<C extends Contract>(contract: C, payload: Payload<C>, { afterMs }: { readonly afterMs: number }): void {
    const { id, correlationId } = this.#call.message;
    const from = { correlationId, causationId: id, producer: this.#actor.name, afterMs };
    this.#timers.push(newTimer(contract, payload, from));
  }

  unschedule({ name }: Contract): void {
    this.#timers.push({ correlationId: this.#call.message.correlationId, type: name });
  }

  append<T>(ledger: Ledger<T>, row: T): void {
    // A ledger's row is a record of its columns; the type parameter has checked which.
    this.#rows.push({ ledger, row: row as Row });
  }

  outcome(): Outcome {
    return {
      changes: [...this.#changes.values()],
      messages: this.#messages,
      timers: this.#timers,
      rows: this.#rows,
    };
  }

  #view({ state, refs, several }: Needed): State<Row> | States<Row> {
    const [first] = refs;
    if (!several && first !== undefined) return this.#state(first);
    const views = new Map(refs.map((ref) => [ref.key, this.#state(ref)]));
    return {
      keys: refs.map(({ key }) => key),
      get: (key) => {
        const view = views.get(key);
        if (view === undefined)
          throw new RangeError(`${this.#call.message.type} did not ask for ${state} "${key}"; name it in keys`);
        return view;
      },
    };
  }

  #state(ref: StateRef): State<Row> {
    return new DraftedState(ref, this.#lookup, this.#changes);
  }
}

class DraftedState implements State<Row> {
  readonly #ref: StateRef;
  readonly #lookup: Lookup;
  readonly #changes: Map<string, Change>;

  constructor(ref: StateRef, lookup: Lookup, changes: Map<string, Change>) {
    this.#ref = ref;
    this.#lookup = lookup;
    this.#changes = changes;
  }

  get key(): string {
    return this.#ref.key;
  }

  get value(): Row | undefined {
    return this.#changes.get(this.#ref.id)?.value ?? this.#lookup(this.#ref);
  }

  set(value: Row): void {
    this.#changes.set(this.#ref.id, { ref: this.#ref, value });
  }
}

/** Handlers take these apart (`{ publish }`), so each tool is a function of its own, made when it is asked for. */
class DecisionOutgoing implements Outgoing {
  readonly #draft: Draft;
  readonly message: Incoming;
  readonly now: Date;

  constructor(draft: Draft, message: Incoming, now: Date) {
    this.#draft = draft;
    this.message = message;
    this.now = now;
  }

  get publish(): Outgoing['publish'] {
    return (contract, payload) => this.#draft.publish(contract, payload);
  }

  get schedule(): Outgoing['schedule'] {
    return (contract, payload, when) => this.#draft.schedule(contract, payload, when);
  }

  get unschedule(): Outgoing['unschedule'] {
    return (contract) => this.#draft.unschedule(contract);
  }

  get append(): Outgoing['append'] {
    return (ledger, row) => this.#draft.append(ledger, row);
  }
}

class DraftedEffect extends DecisionOutgoing implements EffectOutgoing {
  readonly idempotencyKey: string;
  readonly open: EffectOutgoing['open'];
  readonly #deadline: { readonly signal: AbortSignal };

  constructor(
    draft: Draft,
    message: Incoming,
    now: Date,
    idempotencyKey: string,
    deadline: { readonly signal: AbortSignal },
    open: EffectOutgoing['open'],
  ) {
    super(draft, message, now);
    this.open = open;
    this.idempotencyKey = idempotencyKey;
    this.#deadline = deadline;
  }

  get signal(): AbortSignal {
    return this.#deadline.signal;
  }
}
