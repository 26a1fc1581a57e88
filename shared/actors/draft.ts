/**
 * What one handler sees and does: states it may change, messages it publishes, rows it appends. Nothing of it counts
 * before the handler has returned; a handler that throws leaves no trace.
 */
import { type Message, newMessage } from '../messaging/message.js';
import { type ActorDefinition, SINGLE } from './definition.js';
import type { Ledger, State, States } from './keyed-state.js';
import type { EffectOutgoing, Outgoing } from './outgoing.js';
import type { Needed, Work } from './work.js';

export type Row = Readonly<Record<string, unknown>>;

/** The value under a key before the handler ran; undefined when there is none. */
export type Lookup = (state: string, key: string) => Row | undefined;

export interface Change {
  readonly state: string;
  readonly key: string;
  readonly value: Row;
}

/** All that follows from a handler that returned. */
export interface Outcome {
  readonly changes: readonly Change[];
  readonly messages: readonly Message[];
  readonly rows: readonly { readonly ledger: Ledger; readonly row: Row }[];
}

export class Draft {
  readonly #work: Work;
  readonly #actor: ActorDefinition;
  readonly #lookup: Lookup;
  readonly #now: Date;
  readonly #changes = new Map<string, Change>();
  readonly #messages: Message[] = [];
  readonly #rows: { ledger: Ledger; row: Row }[] = [];

  constructor(work: Work, actor: ActorDefinition, lookup: Lookup, now: Date) {
    this.#work = work;
    this.#actor = actor;
    this.#lookup = lookup;
    this.#now = now;
  }

  /** The handler's second argument: the state itself, or the states by name. */
  states(): unknown {
    const views = Object.fromEntries(this.#work.needs.map((needed) => [needed.state, this.#view(needed)]));
    return this.#actor.single ? views[SINGLE] : views;
  }

  /** A decision's third argument. */
  outgoing(): Outgoing {
    const { message } = this.#work;
    const from = {
      correlationId: message.correlationId,
      causationId: message.id,
      producer: this.#actor.name,
      occurredAt: this.#now,
    };
    return {
      publish: (contract, payload) => {
        this.#messages.push(newMessage(contract, payload, from));
      },
      append: (ledger, row) => {
        // A ledger's row is a record of its columns; the type parameter of `append` has checked which.
        this.#rows.push({ ledger, row: row as Row });
      },
      message,
      now: this.#now,
    };
  }

  /** An effect's third argument. */
  effectOutgoing(deadline: { readonly signal: AbortSignal }): EffectOutgoing {
    const { message, handler } = this.#work;
    return {
      ...this.outgoing(),
      idempotencyKey: `${message.correlationId}:${handler.step}`,
      get signal() {
        return deadline.signal;
      },
    };
  }

  outcome(): Outcome {
    return { changes: [...this.#changes.values()], messages: this.#messages, rows: this.#rows };
  }

  #view({ state, keys, several }: Needed): State<Row> | States<Row> {
    if (!several) return this.#state(state, keys[0] ?? '');
    const views = new Map(keys.map((key) => [key, this.#state(state, key)]));
    return {
      keys,
      get: (key) => {
        const view = views.get(key);
        if (view === undefined)
          throw new RangeError(`${this.#work.message.type} did not ask for ${state} "${key}"; name it in keys`);
        return view;
      },
    };
  }

  #state(state: string, key: string): State<Row> {
    const changes = this.#changes;
    const id = `${state}\n${key}`;
    const lookup = this.#lookup;
    return {
      key,
      get value() {
        return changes.get(id)?.value ?? lookup(state, key);
      },
      set: (value) => {
        changes.set(id, { state, key, value });
      },
    };
  }
}
