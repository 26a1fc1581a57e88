/** What the rehearsal of a replay has found: what would be sent, and what the actor's decisions would come to. */

/** So many of each name. */
export type Counts = Readonly<Record<string, number>>;

export interface Rehearsal {
  /** False while it goes on. */
  readonly done: boolean;
  /** Of the process that rehearses. */
  readonly release: string;
  /** Messages that are meant and that the actor takes. */
  readonly total: number;
  /** Of those, by type. */
  readonly types: Counts;
  /** They would be sent. */
  readonly toSend: number;
  /** The actor has handled them: they would be skipped. */
  readonly handled: number;
  /** They have a dead letter at the actor: that is to be redriven or discarded instead. */
  readonly deadLetters: number;
  /** They no longer fit their contract. */
  readonly invalid: number;
  /** The actor acts on them outside, and they would not be sent. */
  readonly effectsOff: number;
  /** The actor acts on them outside, and they would be sent; nobody knows what comes of it. */
  readonly effects: number;
  /** Of those to be sent: the inbox of their day is dropped, so whether they were handled cannot be told. */
  readonly forgotten: number;
  /** Decisions that were rehearsed. */
  readonly decisions: number;
  /** Of those, that would change a state. */
  readonly changing: number;
  /** Changes of states, one for each state that a decision changes. */
  readonly stateChanges: number;
  /** Messages that would be published, by type. */
  readonly publishes: Counts;
  /** Decisions that would fail or wait, by error code. */
  readonly fails: Counts;
  /** The first decisions, in the order of their messages. */
  readonly shown: readonly RehearsedDecision[];
  /** Too many states to keep them all in mind: what was rehearsed last may be seen as it stands, not as it would. */
  readonly approximate: boolean;
}

/** What one decision would come to. */
export interface RehearsedDecision {
  readonly id: string;
  readonly type: string;
  readonly order: string;
  /** Why it would fail or wait; null when it would be handled. */
  readonly fails: { readonly code: string; readonly message: string } | null;
  readonly changes: readonly StateChange[];
  readonly publishes: readonly { readonly type: string; readonly payload: unknown }[];
}

export interface StateChange {
  /** Its table. */
  readonly table: string;
  readonly key: string;
  /** There was none under the key. */
  readonly made: boolean;
  /** What differs, by property. */
  readonly fields: Readonly<Record<string, { readonly from: unknown; readonly to: unknown }>>;
}

export const NOTHING_REHEARSED: Rehearsal = {
  done: false,
  release: '',
  total: 0,
  types: {},
  toSend: 0,
  handled: 0,
  deadLetters: 0,
  invalid: 0,
  effectsOff: 0,
  effects: 0,
  forgotten: 0,
  decisions: 0,
  changing: 0,
  stateChanges: 0,
  publishes: {},
  fails: {},
  shown: [],
  approximate: false,
};

export const counted = (counts: Counts, name: string, by = 1): Counts => ({
  ...counts,
  [name]: (counts[name] ?? 0) + by,
});
